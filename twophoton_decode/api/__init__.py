"""The front door: what ``import twophoton_decode as tp`` offers to programs and notebooks."""
