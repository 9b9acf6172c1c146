"""Findings: a whole view as one file, written, read from strangers and verified."""
