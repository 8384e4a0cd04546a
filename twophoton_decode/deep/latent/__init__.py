"""Pictures from decoded codes of a generator, with and without a denoiser."""
