"""Panels on V and Θ."""
