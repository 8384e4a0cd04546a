"""Groups of fields that records share."""
