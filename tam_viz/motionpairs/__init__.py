"""MotionPairs: generated clips in eight mirrored pairs of classes, told apart by order alone."""
