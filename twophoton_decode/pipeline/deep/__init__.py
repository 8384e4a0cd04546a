"""Commands of the deep wing over several sessions, which are read and not written."""
