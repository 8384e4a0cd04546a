"""Pictures that are optimised to have decoded features: latent, generator, encoder, critic."""
