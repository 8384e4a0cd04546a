"""``tpdecode deep``: commands about decoders that make pictures."""
