"""Pictures that deep decoders make, beside their controls."""
