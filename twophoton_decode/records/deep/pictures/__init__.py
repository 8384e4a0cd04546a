"""Records of decoders that make pictures: what the brain did, and what the generator."""
