"""Panels on one clip."""
