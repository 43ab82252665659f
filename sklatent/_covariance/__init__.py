"""The normal distribution on arrays: moments, support, estimates."""
