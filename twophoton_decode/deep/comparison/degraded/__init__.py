"""Degraded pictures: is what they evoke nearer to the original than to what was shown?"""
