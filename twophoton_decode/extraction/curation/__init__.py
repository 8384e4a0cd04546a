"""Which ROIs count as cells: the GUI, labels, lists."""
