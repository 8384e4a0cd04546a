"""Grey levels and responses as files mean them: calibration, pixel types, size, sign."""
