"""Panels on many networks."""
