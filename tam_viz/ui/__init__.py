"""Shared parts of the pages: frame, pickers, cache, and how a figure is shown."""
