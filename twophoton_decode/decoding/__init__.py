"""From responses to images."""
