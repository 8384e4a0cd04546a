"""``tpdecode restore``: a noisy movie to a restored one, with what restoration invents."""
