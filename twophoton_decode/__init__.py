"""From a two-photon microscope's raw TIFFs to reconstructed images of what the mouse saw."""

__version__ = "0.1.0"
