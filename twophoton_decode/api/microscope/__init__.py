"""The microscope's own pictures, from Python."""
