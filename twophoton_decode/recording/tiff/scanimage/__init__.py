"""ScanImage's TIFFs: what its header says, and which image is which frame."""
