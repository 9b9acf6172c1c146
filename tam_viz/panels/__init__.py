"""Figures with their words and numbers, made alike for the pages and the report."""
