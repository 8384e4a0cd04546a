"""Results of suite2p, of any version from 0.10 to 1.1, that were made without this program."""
