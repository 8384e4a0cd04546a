"""The encoding model and the noise that `bayes` inverts."""
