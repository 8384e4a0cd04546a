"""One experiment's folder on disk."""
