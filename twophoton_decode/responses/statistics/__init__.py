"""What responses say about the population."""
