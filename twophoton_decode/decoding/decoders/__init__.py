"""One decoder a file; the file name is the decoder's name."""
