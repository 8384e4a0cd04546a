"""Movies in HDF5 and NWB files."""
