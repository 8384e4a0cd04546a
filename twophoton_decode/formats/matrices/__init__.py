"""Matrices of responses as other people store them: axes, labels, gaps and doubts."""
