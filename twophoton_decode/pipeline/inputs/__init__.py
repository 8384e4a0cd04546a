"""What stages take from outside the session."""
