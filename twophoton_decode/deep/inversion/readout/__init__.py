"""What responses say of pictures: features of layers, codes, and both together."""
