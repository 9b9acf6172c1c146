"""V and Θ: what a block decides on a clip, as numbers and sentences."""
