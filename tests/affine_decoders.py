"""The names of the built-in decoders that are affine, with a picture of every cell."""

from twophoton_decode.decoding.fitting.affine import AffineDecoder
from twophoton_decode.registry import DECODERS

AFFINE = tuple(name for name in DECODERS.names() if issubclass(DECODERS.load(name), AffineDecoder))
