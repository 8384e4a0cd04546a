"""How do the cells that respond to an image share the work of showing it?"""
