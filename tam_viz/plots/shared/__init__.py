"""Shared pieces of figures: theme, frames, overlays, click targets."""
