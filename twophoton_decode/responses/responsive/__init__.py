"""Which pairs of cell and image respond, judged by each cell's own other presentations."""
