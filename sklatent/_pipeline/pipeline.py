"""Pipelines that end in a density, and give images back."""

from typing import Any

from sklearn.pipeline import make_pipeline
from sklearn.utils import check_consistent_length, get_tags
from sklearn.utils.validation import check_is_fitted

from sklatent._networks.interrupts import part_of_a_call
from sklatent._typing import (
    AnyArray,
    ArrayLike,
    FloatArray,
    Pipeline,
    RandomState,
    Self,
    available_if,
)
from sklatent._validation import keep_state_on_error, refuse_mask

from .steps import (
    all_steps,
    back_through,
    can_transform,
    check_way_back,
    checked_points,
    decode_points,
    encode_images,
    ends_in_density,
    image_steps,
    is_density,
    reconstruction_errors,
    restore_images,
    sample_images,
    through,
    used,
)

__all__ = ["LatentPipeline", "make_latent_pipeline"]


class LatentPipeline(Pipeline):
    """A scikit-learn pipeline from images to a density of latent points, and back.

    It does all that `sklearn.pipeline.Pipeline` does; besides, it samples
    images, reconstructs images, and is scored by its reconstructions, so that
    a search over latent dimensions compares like with like. (The likelihood
    of latent points does not compare: it belongs to another space for each
    dimension. It stays at hand as `score_samples`.)

    Parameters
    ----------
    steps : list of (str, estimator) tuples
        Transformers, of which one is usually a `ConvAutoencoder`, then a
        density such as `LatentGaussianModel` or
        `sklearn.mixture.GaussianMixture`.
    transform_input : list of str, default=None
        As in `sklearn.pipeline.Pipeline`.
    memory : str or object with the joblib.Memory interface, default=None
        Caches the fitted transformers.
    verbose : bool, default=False
        Whether to print the time of each step of `fit`.

    Attributes
    ----------
    named_steps : sklearn.utils.Bunch
        The steps by name.
    n_features_in_ : int
        Number of pixel values of an image.
    feature_names_in_ : ndarray of str
        Column names seen by the first step, if it saw any.

    See Also
    --------
    make_latent_pipeline : Names the steps by their classes.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklatent import ConvAutoencoder, LatentGaussianModel, LatentPipeline
    >>> images = load_digits().images
    >>> autoencoder = ConvAutoencoder(
    ...     8, channels=(16, 32), linear_path=True, max_epochs=2, random_state=0
    ... )
    >>> steps = [("autoencoder", autoencoder), ("density", LatentGaussianModel())]
    >>> pipeline = LatentPipeline(steps)
    >>> pipeline.fit(images).sample(3, random_state=0).shape
    (3, 8, 8)
    """

    def fit(self, X: ArrayLike, y: ArrayLike | None = None, **params: Any) -> Self:
        """Fit all steps, one behind the other.

        Parameters
        ----------
        X : array-like
            Images.
        y : array-like, default=None
            Handed to `fit` of each step: images to train an autoencoder towards, or classes for a
            last step that needs them, such as `sklatent.samplers.PerClassSampler`.
        **params : dict
            Parameters for the steps, as in `sklearn.pipeline.Pipeline`.

        Returns
        -------
        self : LatentPipeline

        Raises
        ------
        ValueError
            If the last step needs `y` and there is none, or one of another length than `X`, or
            X is a masked array with hidden values; it is told before anything is trained.
        """
        refuse_mask(X, "X")
        name, last = self.steps[-1]
        if is_density(last) and get_tags(last).target_tags.required:
            if y is None:
                raise ValueError(
                    f"y must be given, as {name!r}, a {type(last).__name__}, needs it; got None."
                )
            check_consistent_length(X, y)
        with part_of_a_call(), keep_state_on_error(self, *all_steps(self)):
            return super().fit(X, y, **params)

    @available_if(ends_in_density)
    def sample(
        self, n_samples: int = 1, random_state: RandomState = None, *, y: Any = None
    ) -> AnyArray:
        """Draw new images.

        Parameters
        ----------
        n_samples : int, default=1
            Number of images, at least 1.
        random_state : int, RandomState instance or None, default=None
            Two calls without one differ; two with the same int agree.
        y : object, default=None
            Class of the images, or one class for each, for a last step that draws by
            class, such as `sklatent.samplers.PerClassSampler`.

        Returns
        -------
        images : ndarray of shape (n_samples, ...)
            In the layout and units that `fit` saw.

        Raises
        ------
        TypeError
            If `y` is given and the last step draws without regard to classes.
        """
        return sample_images(self, n_samples, random_state=random_state, y=y)

    def fit_density(
        self,
        X: ArrayLike | None = None,
        y: ArrayLike | None = None,
        *,
        latent: ArrayLike | None = None,
    ) -> Self:
        """Fit the last step alone, behind steps that stay as they were fitted.

        Another density is put behind a trained autoencoder with `set_params`, and
        fitted with this. Exactly one of `X` and `latent` must be given.

        Parameters
        ----------
        X : array-like, default=None
            Images. They go through the steps before the last once.
        y : array-like of shape (n,), default=None
            Handed to `fit` of the last step, such as classes.
        latent : array-like of shape (n, d), default=None
            Points as they come into the last step, for example from
            `pipeline[:-1].transform(images)`.

        Returns
        -------
        self : LatentPipeline

        Raises
        ------
        TypeError
            If both or neither of `X` and `latent` are given, or if the last step is no
            estimator with `sample`.
        ValueError
            If the steps before the last cannot take `X`, or cannot take `latent` back
            to images, or if the last step cannot be fitted; it is then as before.
        sklearn.exceptions.NotFittedError
            If a step before the last is not fitted.

        Examples
        --------
        >>> from sklearn.datasets import load_digits
        >>> from sklearn.decomposition import PCA
        >>> from sklearn.mixture import GaussianMixture
        >>> from sklatent import LatentGaussianModel, LatentPipeline
        >>> pipeline = LatentPipeline([("pca", PCA(8)), ("density", LatentGaussianModel())])
        >>> pipeline = pipeline.fit(load_digits().data)
        >>> pipeline = pipeline.set_params(density=GaussianMixture(10, random_state=0))
        >>> pipeline.fit_density(load_digits().data).sample(3, random_state=0).shape
        (3, 64)
        """
        if (X is None) == (latent is None):
            came = "neither" if X is None else "both"
            raise TypeError(f"fit_density takes either X or latent; got {came}.")
        before, (name, density) = self.steps[:-1], self.steps[-1]
        if not is_density(density):
            raise TypeError(
                "fit_density needs an estimator with a sample method as the last step of the "
                f"pipeline; {name!r} is {density!r}."
            )
        for _, step in used(before):
            check_is_fitted(step)
        points = through(before, X) if latent is None else checked_points(before, latent)
        with keep_state_on_error(density):
            density.fit(points, y)
        return self

    @available_if(can_transform)
    def transform(self, X: ArrayLike, **params: Any) -> AnyArray:
        """Take images through all steps; a density that cannot transform is left out.

        Parameters
        ----------
        X : array-like
            Images.
        **params : dict
            Metadata for the steps, as in `sklearn.pipeline.Pipeline`.

        Returns
        -------
        points : ndarray of shape (n, d)
            What comes out of the last step that transforms. With a
            `LatentGaussianModel` these are whitened points; `pipeline[:-1]`
            gives the points that the model was fitted on.
        """
        refuse_mask(X, "X")
        return self._as_transformer().transform(X, **params)

    @available_if(can_transform)
    def fit_transform(self, X: ArrayLike, y: ArrayLike | None = None, **params: Any) -> AnyArray:
        """Fit all steps, then take X through those that `transform` goes through.

        Parameters
        ----------
        X : array-like
            Images.
        y : array-like, default=None
            As in `fit` of the steps.
        **params : dict
            Parameters for the steps, as in `sklearn.pipeline.Pipeline`.

        Returns
        -------
        points : ndarray of shape (n, d)
            As from `transform`.
        """
        if self._drops_density():
            return self.fit(X, y, **params).transform(X)
        with part_of_a_call(), keep_state_on_error(self, *all_steps(self)):
            return super().fit_transform(X, y, **params)

    @available_if(can_transform)
    def inverse_transform(self, X: ArrayLike, **params: Any) -> AnyArray:
        """Take points back to images, through the steps that `transform` goes through.

        Parameters
        ----------
        X : array-like of shape (n, d)
            Points as from `transform`.
        **params : dict
            Metadata for the steps, as in `sklearn.pipeline.Pipeline`.

        Returns
        -------
        images : ndarray
            In the layout and units that `fit` saw.
        """
        pipeline = self._as_transformer()
        check_way_back(pipeline.steps)
        return pipeline.inverse_transform(X, **params)

    def reconstruct(self, X: ArrayLike) -> AnyArray:
        """Take images to latent points and back, past the density.

        Parameters
        ----------
        X : array-like
            Images.

        Returns
        -------
        images : ndarray
            In the layout and units that `fit` saw.
        """
        return decode_points(self, encode_images(self, X))

    def restore(self, X: ArrayLike, *, known: ArrayLike | None = None) -> AnyArray:
        """Make the best pictures of damaged ones, by the autoencoder among the steps.

        Parameters
        ----------
        X : array-like
            Damaged images. A corruption among the steps is left out.
        known : array-like, default=None
            What of X is right, as in `ConvAutoencoder.restore`.

        Returns
        -------
        images : ndarray
            In the layout and units that `fit` saw.

        Raises
        ------
        TypeError
            If no step has `restore`.
        ValueError
            As in `ConvAutoencoder.restore`.
        """
        return restore_images(self, X, known)

    def reconstruction_error(self, X: ArrayLike, y: ArrayLike | None = None) -> FloatArray:
        """Mean squared error of each reconstructed image, on the [0, 1] scale.

        Parameters
        ----------
        X : array-like
            Images.
        y : array-like, default=None
            Images to compare with; X if None or labels.

        Returns
        -------
        error : ndarray of shape (n,)
            Mean over pixel values. The [0, 1] scale is that of the autoencoder
            among the steps; without one it is read off the images compared
            with, as `ConvAutoencoder` reads it with `value_range="auto"`.
        """
        steps = image_steps(self)
        for index, (_, step) in enumerate(steps):
            if hasattr(step, "reconstruction_error"):
                images = through(steps[:index], X)
                after = steps[index + 1 :]
                latent = back_through(after, through(after, step.transform(images)))
                return step.reconstruction_error(images, y, latent=latent)
        return reconstruction_errors(self.reconstruct, X, y)

    def score(self, X: ArrayLike, y: ArrayLike | None = None) -> float:
        """Minus the mean squared error of reconstructions per pixel value, on the [0, 1] scale.

        Parameters
        ----------
        X : array-like
            Images.
        y : array-like, default=None
            As in `reconstruction_error`.

        Returns
        -------
        score : float
            At most 0; higher is better.
        """
        return -float(self.reconstruction_error(X, y).mean())

    def _as_transformer(self) -> Pipeline:
        """Return the steps as a plain pipeline, without a last one that cannot transform."""
        return Pipeline(self.steps[:-1] if self._drops_density() else self.steps)

    def _drops_density(self) -> bool:
        return ends_in_density(self) and not hasattr(self.steps[-1][1], "transform")


def make_latent_pipeline(*steps: Any, memory: Any = None, verbose: bool = False) -> LatentPipeline:
    """Build a `LatentPipeline` whose steps are named by their classes, in lower case.

    Parameters
    ----------
    *steps : estimators
        Transformers, then a density.
    memory : str or object with the joblib.Memory interface, default=None
        Caches the fitted transformers.
    verbose : bool, default=False
        Whether to print the time of each step of `fit`.

    Returns
    -------
    pipeline : LatentPipeline

    Examples
    --------
    >>> from sklearn.decomposition import PCA
    >>> from sklatent import ConvAutoencoder, LatentGaussianModel, make_latent_pipeline
    >>> pipeline = make_latent_pipeline(ConvAutoencoder(), PCA(), LatentGaussianModel())
    >>> list(pipeline.named_steps)
    ['convautoencoder', 'pca', 'latentgaussianmodel']
    """
    named = make_pipeline(*steps).steps
    return LatentPipeline(named, memory=memory, verbose=verbose)
