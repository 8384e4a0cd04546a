"""Networks: one file an architecture; its layers, its weights, and where in it they are."""
