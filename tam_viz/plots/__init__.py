"""Figures from arrays: nothing is computed here but where to put the ink."""
