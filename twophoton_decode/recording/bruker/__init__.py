"""Bruker's PrairieView: TIFFs ordered by the .xml beside them."""
