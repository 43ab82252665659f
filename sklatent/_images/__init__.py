"""Layout, units and principal axes of images."""
