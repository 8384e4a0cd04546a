"""What reading a damaged file raises."""

import struct
import tokenize
import zipfile
import zlib

DAMAGED = (
    *(OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error, struct.error),
    *(tokenize.TokenError, SyntaxError, MemoryError, NotImplementedError, RuntimeError),
)
"""By numpy and json, of a file that is gone, cut short, or not what its name says.

A damaged header may claim more memory than there is, or a way of packing that is not known.
"""
