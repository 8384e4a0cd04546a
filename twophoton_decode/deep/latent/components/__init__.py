"""What the parts of a latent diffusion model stand for: single cells predicted from each."""
