"""Deep networks: what their layers have in common with populations of cells."""
