"""What all affine decoders share: training responses, weights, transforms."""
