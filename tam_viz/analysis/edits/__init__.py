"""What changes when V, Θ or the features of a block are edited."""
