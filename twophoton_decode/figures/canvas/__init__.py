"""What all figures share: style, places, numbers, files."""
