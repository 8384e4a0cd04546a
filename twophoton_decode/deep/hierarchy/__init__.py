"""How far the order of a network's layers is the order of populations of cells."""
