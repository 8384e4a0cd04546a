"""How well does a reconstruction show what was seen?"""
