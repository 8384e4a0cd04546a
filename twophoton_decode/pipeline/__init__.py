"""The stages, each declared once, and what follows from that."""
