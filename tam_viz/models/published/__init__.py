"""Published weights: identified by their content, renamed, and made into checkpoints."""
