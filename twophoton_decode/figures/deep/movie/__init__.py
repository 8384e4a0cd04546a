"""Decoded clips: the ladder of decoders, frames beside what was shown, and an animation."""
