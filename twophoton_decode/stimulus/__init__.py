"""What the stimulus computer wrote: the log, and the pictures that were shown."""
