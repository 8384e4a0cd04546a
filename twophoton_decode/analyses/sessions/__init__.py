"""What several sessions, or several decoders of one, say together."""
