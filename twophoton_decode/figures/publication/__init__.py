"""Figures for a paper, in the order of Yoshida & Ohki (2020), in the widths of a journal."""
