"""What the page of a session is made from, for a file and for a server."""
