"""suite2p: its process, its settings, its folder."""
