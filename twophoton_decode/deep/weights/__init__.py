"""Files of weights: where they lie, whether they are what they should be, under which terms."""
