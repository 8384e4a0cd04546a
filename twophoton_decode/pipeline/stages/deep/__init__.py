"""Stages of the deep wing; `tpdecode run` leaves them out unless it is told otherwise."""
