"""From an image to a feature vector and back; one feature space a file."""
