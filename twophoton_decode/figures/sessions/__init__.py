"""Figures and tables of several sessions."""
