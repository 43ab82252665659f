"""Where to draw latent points from: baselines, regions and densities.

Each is an estimator that is fitted to latent points and draws others, as the last step of a
`LatentPipeline` or by itself.
"""

from ._box import BoxSampler
from ._copula import CopulaSampler
from ._ellipse import EllipseSampler
from ._flow import FlowSampler
from ._highest_density import HighestDensity
from ._interval import IntervalSampler
from ._kernel import KernelSampler
from ._mixture import MixtureSampler
from ._per_class import PerClassSampler
from ._shell import ShellSampler
from ._volumes import log_volume_ratio

__all__ = [
    "BoxSampler",
    "CopulaSampler",
    "EllipseSampler",
    "FlowSampler",
    "HighestDensity",
    "IntervalSampler",
    "KernelSampler",
    "MixtureSampler",
    "PerClassSampler",
    "ShellSampler",
    "log_volume_ratio",
]
