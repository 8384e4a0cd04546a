"""What figures show of the cell count: means over images, pictures from few cells."""
