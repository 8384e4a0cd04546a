"""The records of a session as notebooks have them: by name, with coordinates, as tables."""
