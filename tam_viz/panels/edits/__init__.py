"""Panels on interventions."""
