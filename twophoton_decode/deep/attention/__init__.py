"""What attention adds to the prediction of single cells."""
