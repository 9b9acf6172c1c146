"""From a file to a `Clip`: sampling, decoding in a process of its own, the gallery, encoding."""
