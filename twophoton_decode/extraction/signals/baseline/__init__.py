"""F0: what a cell would show if it were silent."""
