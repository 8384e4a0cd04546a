"""Restoring noisy frames, and counting what restoration invents."""
