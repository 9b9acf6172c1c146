"""The state of a visit: caches, the selection and its address, uploads, opened findings."""
