"""What the pages share: the frame, the pickers, the cache and how a figure is shown."""
