"""Many runs of one network that answer one question."""
