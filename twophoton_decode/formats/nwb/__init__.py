"""NWB files with optical physiology, of NWB 2 and of the Allen Institute's NWB 1, in and out."""
