"""Parts of the pages that show V and Θ, and of the lesson."""
