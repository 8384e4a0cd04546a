"""Several sessions together: read, compared, and laid out on one page."""
