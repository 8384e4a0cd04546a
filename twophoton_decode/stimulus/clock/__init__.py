"""Stimulus timing from a recorded trace: flips, and their match to the log's onsets."""
