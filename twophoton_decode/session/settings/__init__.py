"""``session.toml``: text, errors, reading and writing."""
