"""Motion correction: reference image, shifts, frames moved back, checkpoints."""
