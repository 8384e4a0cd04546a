"""From a movie to fluorescence traces of ROIs."""
