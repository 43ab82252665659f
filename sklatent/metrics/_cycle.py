"""What share of latent points are meaningful: they come back from being decoded and encoded."""

from typing import Any, NamedTuple

import numpy as np
from sklearn.base import clone
from sklearn.utils import gen_batches

from sklatent._gaussian.model import LatentGaussianModel
from sklatent._images.format import as_image_array
from sklatent._pipeline.steps import Steps, back_through, image_steps, through
from sklatent._typing import AnyArray, ArrayLike, FloatArray
from sklatent._validation import check_number

from ._feature_sets import check_feature_sets

__all__ = ["MeaningfulShare", "meaningful_share"]

_BATCH = 4096


class MeaningfulShare(NamedTuple):
    """How many latent points come back from a cycle as near as real ones do.

    Attributes
    ----------
    share : float
        Share of meaningful points, in [0, 1]. That of the points of the images is `quantile`.
    standard_error : float
        Of the share, from the number of points and from that of the images.
    threshold : float
        Largest cycle distance of a meaningful point.
    distances : ndarray of shape (n,)
        Cycle distances of the points, in units of sigma.
    real_distances : ndarray of shape (m,)
        Those of the images' own latent points.
    """

    share: float
    standard_error: float
    threshold: float
    distances: FloatArray
    real_distances: FloatArray


def meaningful_share(
    pipeline: Any,
    points: ArrayLike,
    images: ArrayLike,
    *,
    quantile: float = 0.99,
    whitener: Any = None,
) -> MeaningfulShare:
    r"""Share of latent points that are decoded and encoded back near where they came from.

    The cycle distance of a point z is :math:`\|W(z) - W(e(g(z)))\|`, with the decoder g, the
    encoder e, and coordinates W in which latent points of real images have identity covariance:
    the Mahalanobis distance, by default. A point is meaningful if it is at most the `quantile` of
    the cycle distances of real images. That is a distance of fixed length, a fraction of
    a sigma where reconstructions are good. So a point far out is not meaningful where the encoder
    takes all images back to the region of real ones, and one in a gap between classes is,
    if its image is encoded there. Nor does it take a good image: points near the mean may all
    come back, with the same blurred one.

    Decoded values are clipped to the range of `images` before they are encoded: what lies
    outside is no image. Without it, linear steps such as PCA would bring back every point, from
    however far away.

    Parameters
    ----------
    pipeline : Pipeline or estimator
        Fitted; a pipeline with or without a density as its last step, or an autoencoder.
    points : array-like of shape (n, d)
        Latent points as they come into the density, for example drawn by a sampler. Drawn
        images do not serve: they are decoded already.
    images : array-like of shape (m, ...)
        Real images, in the layout and units that `fit` saw. They should be held out from
        the training, since those of the training may come back nearer. More than d of them,
        better some hundreds.
    quantile : float, default=0.99
        Share of the real images that counts as meaningful, in (0, 1].
    whitener : transformer, default=None
        A clone of it is fitted to the latent points of `images`; cycle distances are Euclidean
        in what it makes of points. None takes a `LatentGaussianModel`, whose distances are the
        same whatever linear maps, such as a PCA, stand between the autoencoder and the
        density; what lies off its support, along components in which the images' points
        do not vary, does not count. ``StandardScaler()`` counts in standard deviations of
        components instead, and so forgives shifts along directions of small variance.

    Returns
    -------
    found : MeaningfulShare
        Named tuple of `share`, `standard_error`, `threshold`, `distances` (n,) of the points,
        and `real_distances` (m,) of the images' points, in units of sigma.

    Raises
    ------
    ValueError
        If `points` or `images` do not fit the pipeline, or `quantile` is out of bounds.
    TypeError
        If `pipeline` cannot take images to points and back.

    Notes
    -----
    The standard error is the root of :math:`p (1 - p) / n`, for n points and the share p, plus
    the square of half the difference between the shares at the thresholds
    :math:`q \pm \sqrt{q (1 - q) / m}`, for m images and the quantile q.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.decomposition import PCA
    >>> from sklatent import LatentGaussianModel, make_latent_pipeline
    >>> from sklatent.metrics import meaningful_share
    >>> from sklatent.samplers import BoxSampler
    >>> rows = load_digits().data
    >>> pipeline = make_latent_pipeline(PCA(8), LatentGaussianModel()).fit(rows[:1000])
    >>> near = pipeline[-1].sample(500, random_state=0)
    >>> far = BoxSampler(60.0).fit(near).sample(500, random_state=0)
    >>> [round(meaningful_share(pipeline, Z, rows[1000:]).share, 1) for Z in (near, far)]
    [0.7, 0.0]
    """
    quantile = check_number("quantile", quantile, low=0, high=1, open_low=True)
    steps, shown = image_steps(pipeline), as_image_array(images, "images")
    limits = shown.min(), shown.max()
    (real,) = check_feature_sets(2, images=_encoded(steps, shown))
    given, _ = check_feature_sets(1, points=points, images=real)
    if len(real) <= real.shape[1]:
        raise ValueError(
            f"images must be more than the {real.shape[1]} latent components, in all directions "
            f"of which they are to spread; got {len(real)}."
        )
    frame = clone(LatentGaussianModel() if whitener is None else whitener).fit(real)
    there, back = (_cycle_distances(steps, frame, Z, limits) for Z in (given, real))
    low, threshold, high = np.quantile(back, _around(quantile, len(back)), method="inverted_cdf")
    share = float((there <= threshold).mean())
    spread = float(((there > low) & (there <= high)).mean()) / 2
    error = float(np.sqrt(share * (1 - share) / len(there) + spread**2))
    return MeaningfulShare(share, error, float(threshold), there, back)


def _around(quantile: float, n: int) -> FloatArray:
    error = np.sqrt(quantile * (1 - quantile) / n)
    return np.clip([quantile - error, quantile, quantile + error], 0, 1)


def _encoded(steps: Steps, images: AnyArray) -> FloatArray:
    parts = [through(steps, images[rows]) for rows in gen_batches(len(images), _BATCH)]
    return np.concatenate(parts)


def _cycle_distances(
    steps: Steps, frame: Any, points: FloatArray, limits: tuple[float, float]
) -> FloatArray:
    distances = np.empty(len(points))
    for rows in gen_batches(len(points), _BATCH):
        before = points[rows]
        after = np.asarray(through(steps, np.clip(back_through(steps, before), *limits)))
        distances[rows] = np.linalg.norm(frame.transform(before) - frame.transform(after), axis=1)
    return distances
