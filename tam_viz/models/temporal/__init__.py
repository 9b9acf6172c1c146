"""One temporal mechanism per file, found by `tam_viz.models.registry`."""
