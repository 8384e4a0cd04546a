"""Clips decoded from responses frame by frame, and what each step of doing so adds."""
