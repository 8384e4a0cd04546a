"""Grey levels as files mean them: calibration, pixel types."""
