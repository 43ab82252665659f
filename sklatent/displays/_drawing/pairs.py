"""Two components at once: points, ellipses of the normal, density contours, and their words."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from sklatent._gaussian.contours import DensityContours
from sklatent._gaussian.ellipses import ConfidenceEllipses
from sklatent._gaussian.model import LatentGaussianModel
from sklatent._typing import ArrayLike, FloatArray, IntArray
from sklatent._validation import check_at_most_one

from .points import LatentSample
from .style import ACCENT, CONTRAST, LINESTYLES, Style, merge_keywords

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.collections import PathCollection
    from matplotlib.contour import QuadContourSet
    from matplotlib.lines import Line2D
    from matplotlib.patches import Ellipse

__all__ = [
    "contour_handle",
    "draw_contours",
    "draw_ellipse",
    "draw_scatter",
    "ellipse_label",
    "ellipses_of_sizes",
    "pair_contours",
]


def ellipses_of_sizes(
    model: LatentGaussianModel,
    pairs: ArrayLike,
    n_std: ArrayLike | None = None,
    coverage: ArrayLike | None = None,
) -> list[ConfidenceEllipses]:
    """Return ellipses of pairs (k, 2) in each size, of 2 and 3 sigma where none are given."""
    check_at_most_one(n_std=n_std, coverage=coverage)
    name = "n_std" if coverage is None else "coverage"
    sizes = (2, 3) if n_std is None else n_std
    sizes = np.atleast_1d(sizes if coverage is None else coverage)
    if sizes.ndim != 1 or len(sizes) == 0:
        raise ValueError(f"{name} must be a number or several; got shape {sizes.shape}.")
    return [model.ellipses(pairs, **{name: _plain(size)}) for size in sizes]


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def pair_contours(
    sample: LatentSample,
    pair: Sequence[int] | IntArray,
    density_coverages: ArrayLike,
    **options: Any,
) -> DensityContours:
    """Return density contours of a pair of components that hold shares in (0, 1)."""
    first, second = (int(index) for index in pair)
    try:
        return sample.model.density_contours(
            sample.points, (first, second), density_coverages, **options
        )
    except ValueError as error:
        raise ValueError(
            "density_coverages must be None, or shares in (0, 1) of components that have a "
            f"density: {error}"
        ) from error


def ellipse_label(ellipses: ConfidenceEllipses) -> str:
    """Return in words what ellipses of one size show."""
    nominal = 100 * ellipses.nominal_coverage
    return f"ellipse of {ellipses.n_std:.3g} sigma: {nominal:.1f} % of a normal"


def draw_scatter(
    ax: "Axes", points: FloatArray, given: Style = None, small: bool = False
) -> "PathCollection":
    """Draw points (n, 2), paler the more there are, and return them."""
    from matplotlib.collections import PathCollection

    n = len(points)
    size = (2 if n > 500 else 5) if small else (6 if n > 1000 else 12)
    style: dict[str, Any] = {"s": size, "color": ACCENT, "linewidths": 0}
    style["alpha"] = float(np.clip(1000 / max(n, 1), 0.25, 0.7))
    style = merge_keywords("scatter_kwargs", style, given, PathCollection)
    if "facecolor" in style or "c" in style:
        style.pop("color")
    return ax.scatter(*points.T, **style)


def draw_ellipse(
    ax: "Axes", ellipses: ConfidenceEllipses, row: int, size: int, given: Style = None
) -> "Ellipse":
    """Draw one row of a record of ellipses, styled by the number of its size."""
    from matplotlib.patches import Ellipse

    style: dict[str, Any] = {"fill": False, "edgecolor": CONTRAST, "linewidth": 1.6}
    style["linestyle"] = LINESTYLES[size % len(LINESTYLES)]
    style = merge_keywords("ellipse_kwargs", style, given, Ellipse)
    long, short = ellipses.half_axes[row]
    angle = float(np.degrees(ellipses.angles[row]))
    patch = Ellipse(ellipses.centers[row], 2 * long, 2 * short, angle=angle, **style)
    ax.add_patch(patch)
    ax.autoscale_view()
    return patch


def draw_contours(ax: "Axes", contours: DensityContours, given: Style = None) -> "QuadContourSet":
    """Draw the boundaries of highest-density regions, and return them."""
    style: dict[str, Any] = {"colors": "black", "linewidths": 1.0}
    style = merge_keywords("contour_kwargs", style, given)
    if "cmap" in style:
        style.pop("colors")
    levels = np.unique(contours.levels)
    return ax.contour(contours.x, contours.y, contours.density, levels=levels, **style)


def contour_handle(drawn: "QuadContourSet", contours: DensityContours) -> "Line2D":
    """Return a line for the legend that says what the contours show."""
    from matplotlib.lines import Line2D

    shares = [f"{100 * value:g} %" for value in np.sort(contours.coverages)]
    words = shares[0] if len(shares) == 1 else f"{', '.join(shares[:-1])} and {shares[-1]}"
    label = f"densest regions that hold {words} of the points"
    style: dict[str, Any] = {"color": drawn.get_edgecolor()[0], "label": label}
    return Line2D([], [], linewidth=np.ravel(drawn.get_linewidth())[0], **style)
