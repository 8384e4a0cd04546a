"""What log, pictures and movie say together, before hours are spent on them."""
