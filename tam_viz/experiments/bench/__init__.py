"""Training and measuring the networks of the bench."""
