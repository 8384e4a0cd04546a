"""Which planes and channels of a recording are used, and when each plane was scanned."""
