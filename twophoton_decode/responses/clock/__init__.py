"""Whether responses move against the onsets over a session, as with a clock that is wrong."""
