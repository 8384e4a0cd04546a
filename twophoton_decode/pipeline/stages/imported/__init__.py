"""Stages that begin at traces of other programs."""
