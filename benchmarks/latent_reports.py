"""Normality reports on the latent points of MNIST, Fashion-MNIST and faces.

Run: SKLATENT_DATA=folder python benchmarks/latent_reports.py
"""

import argparse

from _common import machine

from sklatent import ConvAutoencoder, LatentGaussianModel
from sklatent.datasets import fetch_fashion_mnist, fetch_lfw_faces, fetch_mnist

CASES = {
    "MNIST": (fetch_mnist, 12, 5),
    "Fashion-MNIST": (fetch_fashion_mnist, 16, 5),
    "faces": (fetch_lfw_faces, 64, 10),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=list(CASES), nargs="*", default=list(CASES))
    args = parser.parse_args()
    print(machine())
    for name in args.only:
        fetch, latent_dim, max_epochs = CASES[name]
        train, test = (fetch(subset=subset).images for subset in ("train", "test"))
        autoencoder = ConvAutoencoder(
            latent_dim, max_epochs=max_epochs, early_stopping=False, random_state=0
        ).fit(train)
        latent = autoencoder.transform(train)
        model = LatentGaussianModel().fit(latent)
        ellipses = model.ellipses(n_std=2)
        print(f"\n{name}: {latent_dim} components, {max_epochs} epochs, {len(train):,} images")
        print(f"test error {-autoencoder.score(test):.4f}")
        coverage = ellipses.coverage(latent)
        print(
            f"2-sigma ellipses of all pairs hold {coverage.min():.1%} to {coverage.max():.1%}, "
            f"mean {coverage.mean():.1%}; nominal {ellipses.nominal_coverage:.2%}\n"
        )
        print(model.component_fits(latent), "\n")
        print(model.normality_report(latent, random_state=0))


if __name__ == "__main__":
    main()
