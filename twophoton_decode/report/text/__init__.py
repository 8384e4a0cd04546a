"""Names from files where they are drawn or stand in tables."""
