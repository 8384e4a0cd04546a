"""The log laid on the movie: windows of frames around onsets."""
