"""From traces and a stimulus log to one response per cell and presentation."""
