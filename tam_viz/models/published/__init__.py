"""Published weights: told by their content, renamed, and made checkpoints of this project."""
