"""What does each cell respond to? Encoding models and receptive fields."""
