"""Folders of one mouse in the layout of the SENSORIUM competitions."""
