"""Files of any kind that people keep numbers in, read without running anything in them."""
