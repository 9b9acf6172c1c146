"""What figures share: the theme, frames, overlays and what can be clicked."""
