"""What the page's script reads: arrays of a session's records, packed small."""
