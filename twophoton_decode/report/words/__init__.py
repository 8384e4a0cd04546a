"""The sentences of the page, each made from a session's numbers."""
