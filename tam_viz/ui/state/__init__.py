"""What a visit remembers: caches, the selection and its address, uploads and opened findings."""
