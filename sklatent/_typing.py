"""Names for types, and scikit-learn's base classes as a type checker can read them.

scikit-learn carries no types, and a class that inherits from what is unknown counts as unknown
whole. At run time the bases below are scikit-learn's own.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, Protocol, Self, TypeAlias, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "AnyArray",
    "ArrayLike",
    "BaseEstimator",
    "BoolArray",
    "Bunch",
    "ClassNamePrefixFeaturesOutMixin",
    "ClassifierMixin",
    "Covariance",
    "Fittable",
    "FloatArray",
    "ImageShape",
    "IntArray",
    "OneToOneFeatureMixin",
    "OutlierMixin",
    "Pipeline",
    "RandomState",
    "Self",
    "TransformerMixin",
    "ValueRange",
    "available_if",
]

AnyArray: TypeAlias = NDArray[Any]
"""An array of any type: images in the units and type that they came in."""
FloatArray: TypeAlias = NDArray[np.floating[Any]]
"""An array of float32 or float64."""
IntArray: TypeAlias = NDArray[np.intp]
BoolArray: TypeAlias = NDArray[np.bool_]
RandomState: TypeAlias = int | np.random.RandomState | None
"""What scikit-learn takes as `random_state`."""
ValueRange: TypeAlias = Literal["auto"] | tuple[float, float]
"""The pixel values that stand for 0 and 1."""
ImageShape: TypeAlias = tuple[int, int] | tuple[int, int, int]
"""(height, width) or (height, width, channels)."""


class Fittable(Protocol):
    """An estimator of any library."""

    @property
    def fit(self) -> Any:
        """Learns from points, and returns the estimator."""


Covariance: TypeAlias = Literal["empirical", "ledoit_wolf", "oas", "min_cov_det"] | Fittable
"""How a covariance is estimated: by name, or by an estimator of sklearn.covariance."""

if TYPE_CHECKING:
    _Method = TypeVar("_Method", bound=Callable[..., Any])

    def available_if(check: Callable[[Any], bool]) -> Callable[[_Method], _Method]:
        """Make a method an attribute only where `check` is true of its object."""
        ...

    class BaseEstimator:
        """Parameters by name, and a display as HTML."""

        def get_params(self, deep: bool = True) -> dict[str, Any]: ...
        def set_params(self, **params: Any) -> Self: ...
        def get_metadata_routing(self) -> Any: ...
        def __sklearn_tags__(self) -> Any: ...
        def __sklearn_clone__(self) -> Any: ...
        def __getstate__(self) -> dict[str, Any]: ...
        def __setstate__(self, state: dict[str, Any]) -> None: ...

    class _SetOutputMixin:
        def set_output(
            self, *, transform: Literal["default", "pandas", "polars"] | None = None
        ) -> Self: ...

    class TransformerMixin(_SetOutputMixin):
        """`fit` and `transform` in one call, and the choice of the output's container."""

        def fit_transform(self, X: Any, y: Any = None, **fit_params: Any) -> AnyArray: ...
        def __sklearn_tags__(self) -> Any: ...

    class OneToOneFeatureMixin:
        """Names of output features that are those of the input."""

        def get_feature_names_out(
            self, input_features: Sequence[str] | NDArray[Any] | None = None
        ) -> NDArray[np.object_]: ...

    class ClassNamePrefixFeaturesOutMixin:
        """Names of output features, made of the class's name and a number."""

        def get_feature_names_out(
            self, input_features: Sequence[str] | NDArray[Any] | None = None
        ) -> NDArray[np.object_]: ...

    class OutlierMixin:
        """`fit` and `predict` in one call."""

        def fit_predict(self, X: Any, y: Any = None, **kwargs: Any) -> IntArray: ...
        def __sklearn_tags__(self) -> Any: ...

    class ClassifierMixin:
        """The mean accuracy as a score."""

        def score(self, X: Any, y: Any, sample_weight: Any = None) -> float: ...
        def __sklearn_tags__(self) -> Any: ...

    class Bunch(dict[str, Any]):
        """A dict whose keys are attributes, too."""

    class Pipeline(BaseEstimator):
        """Steps that are fitted one after the other."""

        steps: list[tuple[str, Any]]
        transform_input: Any
        memory: Any
        verbose: bool

        def __init__(
            self,
            steps: list[tuple[str, Any]],
            *,
            transform_input: Any = None,
            memory: Any = None,
            verbose: bool = False,
        ) -> None: ...
        def __len__(self) -> int: ...
        def __getitem__(self, ind: int | str | slice) -> Any: ...
        @property
        def named_steps(self) -> Mapping[str, Any]: ...
        @property
        def classes_(self) -> AnyArray: ...
        @property
        def n_features_in_(self) -> int: ...
        @property
        def feature_names_in_(self) -> NDArray[np.object_]: ...
        def set_output(
            self, *, transform: Literal["default", "pandas", "polars"] | None = None
        ) -> Self: ...
        def fit(self, X: Any, y: Any = None, **params: Any) -> Self: ...
        def fit_transform(self, X: Any, y: Any = None, **params: Any) -> AnyArray: ...
        def fit_predict(self, X: Any, y: Any = None, **params: Any) -> AnyArray: ...
        def predict(self, X: Any, **params: Any) -> AnyArray: ...
        def predict_proba(self, X: Any, **params: Any) -> AnyArray: ...
        def decision_function(self, X: Any, **params: Any) -> AnyArray: ...
        def score_samples(self, X: Any) -> AnyArray: ...
        def transform(self, X: Any, **params: Any) -> AnyArray: ...
        def inverse_transform(self, X: Any, **params: Any) -> AnyArray: ...
        def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]: ...

else:
    from sklearn.base import (
        BaseEstimator,
        ClassifierMixin,
        ClassNamePrefixFeaturesOutMixin,
        OneToOneFeatureMixin,
        OutlierMixin,
        TransformerMixin,
    )
    from sklearn.pipeline import Pipeline
    from sklearn.utils import Bunch
    from sklearn.utils.metaestimators import available_if
