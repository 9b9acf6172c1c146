"""Figures of one clip: predictions, costs and attribution."""
