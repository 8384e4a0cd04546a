"""Commands about a session as a whole."""
