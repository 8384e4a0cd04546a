"""Ridge: hat matrix, strength, permuted images."""
