"""Image data sets: embedded, read from local files, and synthetic.

`load_*` functions read what is there, in the package or in a local folder.
`fetch_*` functions read a local folder as well, and use the network only when
told to by ``download_if_missing=True``. `make_*` functions draw synthetic data.
"""

from ._celeba import load_celeba
from ._digits import load_digit_images
from ._lfw import fetch_lfw_faces
from ._small_images import fetch_cifar10, fetch_fashion_mnist, fetch_mnist
from ._synthetic import make_gaussian_images

__all__ = [
    "fetch_cifar10",
    "fetch_fashion_mnist",
    "fetch_lfw_faces",
    "fetch_mnist",
    "load_celeba",
    "load_digit_images",
    "make_gaussian_images",
]
