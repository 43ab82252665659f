"""Paths, grids and directions in latent space, between points or between images."""

from ._attributes import attribute_centers, attribute_direction, class_centers
from ._axes import axis_traversal, move_along, plane_grid
from ._between import linear_path, matched_path, slerp_path

__all__ = [
    "attribute_centers",
    "attribute_direction",
    "axis_traversal",
    "class_centers",
    "linear_path",
    "matched_path",
    "move_along",
    "plane_grid",
    "slerp_path",
]
