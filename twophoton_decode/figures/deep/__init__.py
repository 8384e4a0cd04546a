"""Networks and cells, drawn."""
