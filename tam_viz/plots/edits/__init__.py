"""Figures of interventions: before and after, block by block."""
