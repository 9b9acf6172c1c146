"""Many runs: comparing, training, measuring; used alike by pages, command line and tests."""
