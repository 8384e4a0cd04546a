"""The microscope's own pictures, seen better without inventions."""
