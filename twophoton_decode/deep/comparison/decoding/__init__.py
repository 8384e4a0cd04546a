"""A network's layers decoded from responses, and what decides what that means."""
