"""Video networks with a temporal module injected, their weights and their input."""
