"""The page of several sessions: rows with pictures, forest plots, tests."""
