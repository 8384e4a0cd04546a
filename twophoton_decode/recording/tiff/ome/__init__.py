"""OME-TIFF: the order of images and their times by its XML."""
