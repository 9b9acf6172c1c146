"""Parts of the pages that show a clip, its predictions and what they rest on."""
