"""Edits of V, Θ and the input of blocks, and their effects."""
