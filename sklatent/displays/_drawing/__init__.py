"""What displays draw with: axes, points, tiles and curves."""
