"""How good a recording is: noise, bleaching, motion."""
