"""Seeing and changing what TAM blocks decide while a clip runs through a network."""
