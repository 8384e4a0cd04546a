"""A movie in TIFFs: plain, ImageJ's, OME and ScanImage's."""
