"""Which files are one series: their names, their order, and what lies beside them."""
