"""Figures of many networks on many clips."""
