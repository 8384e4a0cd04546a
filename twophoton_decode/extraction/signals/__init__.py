"""From fluorescence to ΔF/F: neuropil, baseline, noise."""
