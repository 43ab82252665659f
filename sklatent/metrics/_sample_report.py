"""Samples of a pipeline measured against held-out images, beside controls."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from sklearn.utils.validation import check_is_fitted

from sklatent._images.format import as_image_array, resolve_value_range, shape_as_is
from sklatent._pipeline.steps import back_through, learned_units, split_density, through
from sklatent._random import check_seed, draw_from
from sklatent._typing import AnyArray, ArrayLike, FloatArray, RandomState
from sklatent._validation import check_bool, check_number

from ._blocks import by_blocks
from ._copying import copy_check, two_sample_auc
from ._feature_sets import features_of
from ._frechet import extrapolated_frechet_distance, frechet_distance
from ._image_features import PixelFeatures
from ._kernel import kernel_distance
from ._neighbors import density_coverage, precision_recall
from ._sample_table import SampleReport

__all__ = ["sample_report"]

_USUAL_SAMPLES, _USUAL_COMPONENTS = 10_000, 64
_LEAST_SAMPLES = 20
_SHRINK = 0.9
_PRECISION_NEIGHBORS, _COVERAGE_NEIGHBORS = 3, 5


def sample_report(
    pipeline: Any,
    X_test: ArrayLike,
    *,
    X_train: ArrayLike | None = None,
    features: Any = None,
    n_samples: int | None = None,
    extrapolate: bool = True,
    random_state: RandomState = None,
) -> SampleReport:
    """Measure samples of a pipeline against images that it has not seen, beside controls.

    No figure of sample quality means much alone: each has a bias, a scale of its own, and a way
    to be fooled. So the same number of images is compared with the same
    reference images in each of these rows:

    - "real images": what perfect samples would score;
    - "reconstructions": reference images, encoded and decoded. They are paired with the
      reference, and so can be nearer than any sample;
    - "decoded real images": the real images of the first row, encoded and decoded: what a perfect
      density of latent points would score, the bound for samples;
    - "samples";
    - "samples shrunk to 0.9": latent samples drawn towards their mean. A figure that
      gets better by it rewards typical images, not a right distribution;
    - "samples shuffled": each latent component shuffled by itself over the samples, which
      takes away how components hang together and leaves each one's distribution.

    Decoded pixel values outside the range of the images, which linear decoders
    give, are clipped, as a screen does.

    Parameters
    ----------
    pipeline : sklearn.pipeline.Pipeline
        Fitted, such as a `LatentPipeline`: transformers with `inverse_transform`, then
        an estimator with `sample`.
    X_test : array-like
        Held-out images, in the layout and units that the pipeline was fitted on.
    X_train : array-like, default=None
        Training images, in the same layout. They give the real images, and the check for
        copies. None takes one random half of `X_test` as real images and the other as
        the reference, and leaves the check out.
    features : fitted transformer, torch.nn.Module, callable or None, default=None
        From images to features, such as `ClassifierFeatures` or
        `EncoderFeatures` fitted on their own; modules and callables are taken as by
        `CallableFeatures`. None takes 64 principal components of the pixel
        values of real images, which say little about what is seen. All
        figures belong to the features: they compare only in the same ones.
    n_samples : int, default=None
        Number of images in each row, at least 20; None takes as many as there are, up to 10,000.
    extrapolate : bool, default=True
        Whether to extrapolate Frechet distances to infinitely many images; it is left out,
        besides, where there are fewer than 8 images a feature. It takes 110 distances a row.
    random_state : int, RandomState instance or None, default=None
        Seeds samples, subsets and the classifier.

    Returns
    -------
    report : SampleReport
        It prints as a table; `to_dict` and `to_frame` give the figures.

    Raises
    ------
    ValueError
        If there are too few images, or the images do not fit the pipeline.
    TypeError
        If the pipeline cannot sample or decode, or `features` is none of the above.
    sklearn.exceptions.NotFittedError
        If the pipeline or the features are not fitted.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.decomposition import PCA
    >>> from sklatent import LatentGaussianModel, make_latent_pipeline
    >>> from sklatent.metrics import sample_report
    >>> rows = load_digits().data
    >>> pipeline = make_latent_pipeline(PCA(12), LatentGaussianModel()).fit(rows[:1200])
    >>> report = sample_report(pipeline, rows[1200:], X_train=rows[:1200], random_state=0)
    >>> report
    <SampleReport of 6 rows of 597 images>
    >>> report.names[3], bool(report.columns["frechet"][3] > report.columns["frechet"][0])
    ('samples', True)
    """
    check_bool("extrapolate", extrapolate)
    rng = check_seed(random_state)
    images = _choose(X_test, X_train, n_samples, rng)
    coder = _Coder(pipeline, images.value_range)
    transformer, told = _resolve_features(features, images)
    latent = coder.encode(images.reference)
    seen = features_of(transformer, images.reference)
    seen_train = None if images.train is None else features_of(transformer, images.train)
    latent_train = None if images.train is None else coder.encode(images.train)
    limit = extrapolate and len(seen) >= 8 * seen.shape[1]
    names, rows = [], []
    for name, shown, points in _shown(coder, images, latent, rng):
        found = _features_shown(transformer, coder, shown, points)
        row = _compare(seen, found, limit, rng) | _copies(seen_train, seen, found, "copy")
        names.append(name)
        rows.append(row | _copies(latent_train, latent, points, "latent_copy"))
    return SampleReport(
        names=tuple(names),
        columns={key: np.array([row[key] for row in rows]) for key in rows[0]},
        n_samples=len(seen),
        n_train=0 if images.train is None else len(images.train),
        features=told,
        n_features=seen.shape[1],
        n_neighbors=(_PRECISION_NEIGHBORS, _COVERAGE_NEIGHBORS),
    )


class _Coder:
    """The steps of a pipeline before its density, as a way to latent points and back."""

    def __init__(self, pipeline, value_range: tuple[float, float]):
        self.steps, self.density = split_density(pipeline)
        self.value_range = learned_units(pipeline).value_range or value_range

    def encode(self, images: AnyArray) -> FloatArray:
        try:
            return by_blocks(
                lambda rows: through(self.steps, images[rows]), len(images), images[0].size
            )
        except ValueError as error:
            raise ValueError(f"pipeline must take the images of X_test: {error}") from error

    def decode(self, points: FloatArray) -> AnyArray:
        return np.clip(back_through(self.steps, points), *self.value_range)


def _features_shown(
    transformer: Any, coder: _Coder, images: AnyArray | None, points: FloatArray
) -> FloatArray:
    """Return features of images, or where there are none of points decoded block by block."""
    if images is not None:
        return features_of(transformer, images)
    n_values = coder.decode(points[:1])[0].size

    def found(rows: slice) -> FloatArray:
        return features_of(transformer, coder.decode(points[rows]))

    return by_blocks(found, len(points), n_values)


class _Images(NamedTuple):
    reference: AnyArray
    real: AnyArray
    train: AnyArray | None
    value_range: tuple[float, float]


def _choose(
    X_test: ArrayLike,
    X_train: ArrayLike | None,
    n_samples: int | None,
    rng: np.random.RandomState,
) -> _Images:
    """Draw as many reference as real images."""
    test = as_image_array(X_test, "X_test")
    train = None if X_train is None else as_image_array(X_train, "X_train")
    if train is not None and train.shape[1:] != test.shape[1:]:
        raise ValueError(
            f"X_train must have images of the shape of X_test, {test.shape[1:]}; "
            f"got {train.shape[1:]}."
        )
    most = len(test) // 2 if train is None else min(len(test), len(train))
    if most < _LEAST_SAMPLES:
        if train is None:
            raise ValueError(
                f"X_test must hold at least {2 * _LEAST_SAMPLES} images where X_train is None; "
                f"got {len(test)}."
            )
        raise ValueError(
            f"X_test and X_train must hold at least {_LEAST_SAMPLES} images each; got {len(test)} "
            f"and {len(train)}."
        )
    if n_samples is None:
        n_samples = min(most, _USUAL_SAMPLES)
    n = check_number("n_samples", n_samples, low=_LEAST_SAMPLES, integer=True)
    if n > most:
        whence = "half of X_test" if train is None else "X_test and X_train"
        raise ValueError(f"n_samples must be at most the images of {whence}, {most}; got {n}.")
    rows = rng.permutation(len(test))
    reference = test[np.sort(rows[:n])]
    if train is None:
        return _Images(reference, test[np.sort(rows[n : 2 * n])], None, resolve_value_range(test))
    real = train[np.sort(rng.choice(len(train), n, replace=False))]
    ranges = resolve_value_range(test), resolve_value_range(train)
    value_range = min(low for low, _ in ranges), max(high for _, high in ranges)
    return _Images(reference, real, train, value_range)


def _resolve_features(features: Any, images: _Images) -> tuple[Any, str]:
    """Return a fitted transformer, and what it is in words."""
    if features is None:
        fitted_on = images.real
        n_components = min(_USUAL_COMPONENTS, len(fitted_on), int(np.prod(fitted_on.shape[1:])))
        fitted = PixelFeatures(n_components, image_shape=shape_as_is(fitted_on), random_state=0)
        fitted.fit(fitted_on)
        return fitted, f"{n_components} principal components of pixel values in [0, 1]"
    if hasattr(features, "transform"):
        check_is_fitted(features)
        return features, " ".join(repr(features).split())
    if not callable(features):
        raise TypeError(
            "features must be None, a fitted transformer, a torch module or a callable; "
            f"got {features!r}."
        )
    # It loads torch, which pipelines without networks do not need.
    from ._network_features import CallableFeatures

    name = getattr(features, "__name__", type(features).__name__)
    return CallableFeatures(features).fit(images.real), f"what {name} gives"


def _shown(
    coder: _Coder, images: _Images, latent: FloatArray, rng: np.random.RandomState
) -> Iterator[tuple[str, AnyArray | None, FloatArray]]:
    """Yield the name, the latent points of each row, and its images where these are not decoded."""
    real = coder.encode(images.real)
    yield "real images", images.real, real
    yield "reconstructions", None, latent
    yield "decoded real images", None, real
    points = draw_from(coder.density, len(latent), rng)
    yield "samples", None, points
    mean = points.mean(axis=0)
    shrunk = (mean + _SHRINK * (points - mean)).astype(points.dtype)
    yield f"samples shrunk to {_SHRINK}", None, shrunk
    shuffled = np.column_stack([rng.permutation(column) for column in points.T])
    yield "samples shuffled", None, shuffled


def _compare(
    seen: FloatArray, found: FloatArray, limit: bool, rng: np.random.RandomState
) -> dict[str, float]:
    precision, recall = precision_recall(seen, found, _PRECISION_NEIGHBORS)
    density, coverage = density_coverage(seen, found, _COVERAGE_NEIGHBORS)
    kernel = kernel_distance(seen, found)
    value = error = np.nan
    if limit:
        extrapolated = extrapolated_frechet_distance(seen, found, random_state=rng)
        value, error = extrapolated.value, extrapolated.standard_error
    return {
        "frechet": frechet_distance(seen, found),
        "frechet_limit": value,
        "frechet_limit_error": error,
        "kernel": kernel.value,
        "kernel_error": kernel.standard_error,
        "precision": precision,
        "recall": recall,
        "density": density,
        "coverage": coverage,
        "auc": two_sample_auc(seen, found, n_repeats=1, random_state=rng).auc,
    }


def _copies(
    train: FloatArray | None, reference: FloatArray, found: FloatArray, name: str
) -> dict[str, float]:
    ratio = close = np.nan
    if train is not None:
        check = copy_check(train, reference, found)
        ratio, close = check.ratio, check.share_close
    return {f"{name}_ratio": ratio, f"{name}_close": close}
