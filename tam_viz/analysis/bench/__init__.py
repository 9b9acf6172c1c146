"""Many networks on many clips: the bench's tables, and what differences are real."""
