"""What reading a damaged file raises."""

import zipfile

DAMAGED = (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile)
"""By numpy and json, of a file that is gone, cut short, or not what its name says."""
