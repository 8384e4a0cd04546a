"""A small network that takes noise off codes, given what the picture is about."""
