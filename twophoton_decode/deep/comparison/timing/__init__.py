"""When layers are decoded: of pictures shown, and of pictures only expected."""
