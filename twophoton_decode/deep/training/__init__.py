"""How a network learns: one loop for all, in steps, that goes on where it was interrupted."""
