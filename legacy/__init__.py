"""Programming challenges of the first ProjectGenius, kept working."""
