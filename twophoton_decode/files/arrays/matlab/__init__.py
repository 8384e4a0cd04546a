"""What MATLAB writes: its files of versions 4 to 7, its HDF5, its own classes."""
