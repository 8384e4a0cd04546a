"""From pictures to the activities of a network's layers, kept so that they are computed once."""
