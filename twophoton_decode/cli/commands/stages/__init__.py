"""Commands that run one stage."""
