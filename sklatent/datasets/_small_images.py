"""MNIST, Fashion-MNIST and CIFAR-10."""

from typing import Literal, Unpack, overload

from ._bunches import DataHome, LabelledArrays, LabelledImages, Subset, Where
from ._npz import ArraySet, fetch_arrays

__all__ = ["fetch_cifar10", "fetch_fashion_mnist", "fetch_mnist"]

_MNIST = ArraySet(
    title="MNIST",
    file_names=("mnist.npz",),
    openml_name="mnist_784",
    image_shape=(28, 28),
    target_names=tuple("0123456789"),
    train_counts=(5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949),
    description="Handwritten digits by Yann LeCun and Corinna Cortes: 60,000 training and 10,000 "
    "test images. Commonly stated to be under Creative Commons Attribution-Share Alike 3.0.",
)


@overload
def fetch_mnist(*, return_X_y: Literal[False] = ..., **where: Unpack[Where]) -> LabelledImages: ...
@overload
def fetch_mnist(*, return_X_y: Literal[True], **where: Unpack[Where]) -> LabelledArrays: ...
def fetch_mnist(
    *,
    subset: Subset = "train",
    data_home: DataHome = None,
    download_if_missing: bool = False,
    return_X_y: bool = False,
) -> LabelledImages | LabelledArrays:
    """Load the MNIST handwritten digits from ``mnist.npz``.

    The file holds the arrays `x_train`, `y_train`, `x_test` and `y_test`, the
    images as uint8 of shape (n, 28, 28) or (n, 28, 28, 1). Images stand in the
    original order. The data, by Yann LeCun and Corinna Cortes, are commonly
    stated to be under Creative Commons Attribution-Share Alike 3.0.

    Parameters
    ----------
    subset : {"train", "test", "all"}, default="train"
        The 60,000 training images, the 10,000 test images, or both in this order.
    data_home : str or path-like, default=None
        The folder of the file. None takes the folder named by the environment
        variable ``SKLATENT_DATA``.
    download_if_missing : bool, default=False
        Whether to call :func:`sklearn.datasets.fetch_openml` for ``mnist_784``
        where the file is missing; it needs pandas, and caches in `data_home`,
        or by default in scikit-learn's own data folder. Unlike scikit-learn's,
        this default never touches the network.
    return_X_y : bool, default=False
        Return ``(images, target)`` in place of the Bunch.

    Returns
    -------
    data : :class:`~sklearn.utils.Bunch`
        With the attributes

        images : ndarray of shape (n_samples, 28, 28), uint8
            Grey levels, 0 (background) to 255.
        target : ndarray of shape (n_samples,), int64
            The digit that each image shows, 0 to 9.
        target_names : ndarray of shape (10,), str
            The names of the classes.
        DESCR : str
            A short description, with the licence.

    (images, target) : tuple, if `return_X_y` is True

    Raises
    ------
    FileNotFoundError
        If the file is missing and `download_if_missing` is False.
    ValueError
        If `subset` is unknown, or the file is damaged or holds other arrays.
    TypeError
        If `data_home`, `download_if_missing` or `return_X_y` has a wrong type.

    Examples
    --------
    A made file stands in for the real one:

    >>> import tempfile
    >>> import numpy as np
    >>> from sklatent.datasets import fetch_mnist
    >>> x, y = np.zeros((3, 28, 28), np.uint8), np.arange(3)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     np.savez(f"{folder}/mnist.npz", x_train=x, y_train=y, x_test=x[:1], y_test=y[:1])
    ...     mnist = fetch_mnist(subset="all", data_home=folder)
    >>> mnist.images.shape, mnist.target.tolist()
    ((4, 28, 28), [0, 1, 2, 0])
    """
    return fetch_arrays(_MNIST, subset, data_home, download_if_missing, return_X_y)


_FASHION_MNIST = ArraySet(
    title="Fashion-MNIST",
    file_names=("fashion_mnist.npz",),
    openml_name="Fashion-MNIST",
    image_shape=(28, 28),
    target_names=(
        *("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat"),
        *("Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"),
    ),
    train_counts=(6000,) * 10,
    description="Articles of clothing by Zalando Research: 60,000 training and 10,000 test "
    "images. MIT licence, copyright 2017 Zalando SE.",
)


@overload
def fetch_fashion_mnist(
    *, return_X_y: Literal[False] = ..., **where: Unpack[Where]
) -> LabelledImages: ...
@overload
def fetch_fashion_mnist(*, return_X_y: Literal[True], **where: Unpack[Where]) -> LabelledArrays: ...
def fetch_fashion_mnist(
    *,
    subset: Subset = "train",
    data_home: DataHome = None,
    download_if_missing: bool = False,
    return_X_y: bool = False,
) -> LabelledImages | LabelledArrays:
    """Load the Fashion-MNIST articles of clothing from ``fashion_mnist.npz``.

    The file holds the arrays `x_train`, `y_train`, `x_test` and `y_test`, the
    images as uint8 of shape (n, 28, 28) or (n, 28, 28, 1). Images stand in the
    original order. The data are under the MIT licence, copyright 2017 Zalando SE.

    Parameters
    ----------
    subset : {"train", "test", "all"}, default="train"
        The 60,000 training images, the 10,000 test images, or both in this order.
    data_home : str or path-like, default=None
        As in `fetch_mnist`.
    download_if_missing : bool, default=False
        As in `fetch_mnist`, for ``Fashion-MNIST``.
    return_X_y : bool, default=False
        Return ``(images, target)`` in place of the Bunch.

    Returns
    -------
    data : :class:`~sklearn.utils.Bunch`
        With the attributes

        images : ndarray of shape (n_samples, 28, 28), uint8
            Grey levels, 0 (background) to 255.
        target : ndarray of shape (n_samples,), int64
            The class of each image, 0 to 9.
        target_names : ndarray of shape (10,), str
            The names of the classes, "T-shirt/top" to "Ankle boot".
        DESCR : str
            A short description, with the licence.

    (images, target) : tuple, if `return_X_y` is True

    Raises
    ------
    FileNotFoundError, ValueError, TypeError
        As `fetch_mnist`.

    Examples
    --------
    A made file stands in for the real one:

    >>> import tempfile
    >>> import numpy as np
    >>> from sklatent.datasets import fetch_fashion_mnist
    >>> x, y = np.zeros((3, 28, 28), np.uint8), np.array([9, 0, 0])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     np.savez(f"{folder}/fashion_mnist.npz", x_train=x, y_train=y, x_test=x, y_test=y)
    ...     fashion = fetch_fashion_mnist(data_home=folder)
    >>> print(*fashion.target_names[fashion.target], sep=", ")
    Ankle boot, T-shirt/top, T-shirt/top
    """
    return fetch_arrays(_FASHION_MNIST, subset, data_home, download_if_missing, return_X_y)


_CIFAR10 = ArraySet(
    title="CIFAR-10",
    file_names=("cifar10.npz", "cifar10_subset.npz"),
    openml_name="CIFAR_10",
    image_shape=(32, 32, 3),
    target_names=(
        *("airplane", "automobile", "bird", "cat", "deer"),
        *("dog", "frog", "horse", "ship", "truck"),
    ),
    train_counts=(5000,) * 10,
    description="Small colour photographs by Alex Krizhevsky, Vinod Nair and Geoffrey Hinton: "
    "50,000 training and 10,000 test images, or a balanced part of them. Published without a "
    "licence; cite A. Krizhevsky, Learning Multiple Layers of Features from Tiny Images, 2009.",
)


@overload
def fetch_cifar10(
    *, return_X_y: Literal[False] = ..., **where: Unpack[Where]
) -> LabelledImages: ...
@overload
def fetch_cifar10(*, return_X_y: Literal[True], **where: Unpack[Where]) -> LabelledArrays: ...
def fetch_cifar10(
    *,
    subset: Subset = "train",
    data_home: DataHome = None,
    download_if_missing: bool = False,
    return_X_y: bool = False,
) -> LabelledImages | LabelledArrays:
    """Load CIFAR-10 from ``cifar10.npz``, or else from ``cifar10_subset.npz``.

    Both files hold the arrays `x_train`, `y_train`, `x_test` and `y_test`, the
    images as uint8 of shape (n, 32, 32, 3); the second is for a part of the
    data, taken only where the first is missing. The data, by Alex Krizhevsky,
    Vinod Nair and Geoffrey Hinton, were published without a licence; their
    authors ask for citation of [1]_.

    Parameters
    ----------
    subset : {"train", "test", "all"}, default="train"
        The training images (50,000 in the complete set), the test images
        (10,000), or both in this order.
    data_home : str or path-like, default=None
        As in `fetch_mnist`.
    download_if_missing : bool, default=False
        As in `fetch_mnist`, for ``CIFAR_10``.
    return_X_y : bool, default=False
        Return ``(images, target)`` in place of the Bunch.

    Returns
    -------
    data : :class:`~sklearn.utils.Bunch`
        With the attributes

        images : ndarray of shape (n_samples, 32, 32, 3), uint8
            Red, green and blue, 0 to 255.
        target : ndarray of shape (n_samples,), int64
            The class of each image, 0 to 9.
        target_names : ndarray of shape (10,), str
            The names of the classes, "airplane" to "truck".
        DESCR : str
            A short description, with the licence.

    (images, target) : tuple, if `return_X_y` is True

    Raises
    ------
    FileNotFoundError, ValueError, TypeError
        As `fetch_mnist`.

    References
    ----------
    .. [1] A. Krizhevsky, "Learning Multiple Layers of Features from Tiny
       Images", University of Toronto, 2009.

    Examples
    --------
    A made file stands in for the real one:

    >>> import tempfile
    >>> import numpy as np
    >>> from sklatent.datasets import fetch_cifar10
    >>> x, y = np.zeros((2, 32, 32, 3), np.uint8), np.array([6, 9])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     np.savez(f"{folder}/cifar10.npz", x_train=x, y_train=y, x_test=x, y_test=y)
    ...     images, target = fetch_cifar10(data_home=folder, return_X_y=True)
    >>> images.shape, target.tolist()
    ((2, 32, 32, 3), [6, 9])
    """
    return fetch_arrays(_CIFAR10, subset, data_home, download_if_missing, return_X_y)
