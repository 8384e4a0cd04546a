"""Commands about data: looked at, brought in, simulated, compared."""
