"""From the columns of a log to presentations: onsets, pictures, blanks, excluded rows."""
