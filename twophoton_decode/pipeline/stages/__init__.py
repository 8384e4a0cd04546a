"""What each stage does: read records and sources, call the rooms, sum up. One file a stage."""
