"""Figures of V and Θ."""
