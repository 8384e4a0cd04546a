"""Tests, intervals and chance: the one place where they are computed."""
