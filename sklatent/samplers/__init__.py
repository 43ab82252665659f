"""Where to draw latent points from: baselines, regions and densities.

Each is an estimator that is fitted to latent points and draws others, as the last step of a
`LatentPipeline` or by itself.
"""

from sklatent.samplers._box import BoxSampler
from sklatent.samplers._copula import CopulaSampler
from sklatent.samplers._ellipse import EllipseSampler
from sklatent.samplers._flow import FlowSampler
from sklatent.samplers._highest import HighestDensity
from sklatent.samplers._interval import IntervalSampler
from sklatent.samplers._kernel import KernelSampler
from sklatent.samplers._mixture import MixtureSampler
from sklatent.samplers._per_class import PerClassSampler
from sklatent.samplers._shell import ShellSampler
from sklatent.samplers._volumes import log_volume_ratio

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
