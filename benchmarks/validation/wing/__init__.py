"""The deep wing's intervals and tests: planted layers and linear cells, so that no network runs."""
