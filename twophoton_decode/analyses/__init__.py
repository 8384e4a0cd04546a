"""What the reconstructions say about the code."""
