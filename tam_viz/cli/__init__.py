"""Commands of `tam-viz`, a file for each subject."""
