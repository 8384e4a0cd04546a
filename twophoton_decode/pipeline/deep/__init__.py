"""Deep comparisons that belong to no single session: files of matrices, several sessions."""
