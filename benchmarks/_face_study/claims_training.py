"""Verdicts on networks and tasks: statements 19 to 25."""

from itertools import pairwise

from .claims import CONFIRMED, CORRECTED, NOT_SEEN, Claim

__all__ = ["claims"]


def claims(r, settings) -> list[Claim]:
    """Return the verdicts; `r` gives the result of a step by its name."""
    return [*_networks(r, settings), *_losses(r), *_restoring(r)]


def _networks(r, settings):
    plain, linear, pca = r("train-plain"), r("train-linear"), r("pca")
    same = pca["test_error"][min(settings.latent_dim, len(pca["test_error"]) - 1)]
    yield Claim(
        19,
        "4 convolutional layers, over 10 million parameters, no batch normalisation",
        CONFIRMED,
        f"Four layers without it suffice, here with {plain['n_parameters'] / 1e6:.1f} million "
        f"parameters and an error of {plain['test_error'][-1]:.5f} on unseen people; PCA with as "
        f"many components has {same:.5f}, a linear path beside the layers "
        f"{linear['test_error'][-1]:.5f}.",
    )
    dims = [(d, r(f"dimension-{d}")["test_error"]) for d in settings.dimensions]
    errors = [error for _, error in dims]
    # A twentieth less error is the least that might be seen.
    falls = all(b < 0.95 * a for a, b in pairwise(errors))
    end = next((d for (d, a), (_, b) in pairwise(dims) if b >= 0.95 * a), dims[-1][0])
    yield Claim(
        20,
        "faces want 200 to 1,200 components; 512 are visibly better",
        CONFIRMED if falls else NOT_SEEN,
        f"Errors after short trainings on {settings.dimension_images:,} images, by components: "
        + ", ".join(f"{d}: {error:.4f}" for d, error in dims)
        + ". PCA: "
        + ", ".join(
            f"{d}: {pca['test_error'][d]:.4f}" for d, _ in dims if d < len(pca["test_error"])
        )
        + f". Beyond {end} the error of the short trainings hardly falls, that of PCA does.",
    )
    errors = plain["test_error"]
    early = errors[min(9, len(errors) - 1)]
    yield Claim(
        21,
        "good after 10 epochs, better after 25",
        CONFIRMED if errors[-1] < early else NOT_SEEN,
        f"Error {early:.5f} after {min(10, len(errors))} epochs of the plain network, "
        f"{errors[-1]:.5f} after {len(errors)}, in {plain['seconds'] / 60:.0f} minutes of "
        f"training; smallest {errors.min():.5f}.",
    )


def _losses(r):
    by_sum, by_mean = r("variational-tiny-sum"), r("variational-tiny-mean")
    weights = [r(f"train-variational-{kind}")["kl_weight"] for kind in ("tiny-sum", "tiny-mean")]
    yield Claim(
        22,
        "a variational model with a KL loss of 1e-6",
        CORRECTED,
        f"It depends on whether the cross-entropy is a sum or a mean over pixel values, a factor "
        f"of {weights[1] / weights[0]:,.0f} here. Weight {weights[0]:.2g}: {by_sum['nats']:.0f} "
        f"nats, mean radius {by_sum['radius'][0]:.1f}; weight {weights[1]:.2g}: "
        f"{by_mean['nats']:.0f} nats, radius {by_mean['radius'][0]:.1f}. "
        f"sqrt(d) is {by_sum['sqrt_d']:.1f}.",
    )
    rows, floor = r("reconstruction")["rows"], r("reconstruction")["entropy_floor"]
    yield Claim(
        23,
        "cross-entropy or squared error",
        CONFIRMED,
        f"Both train. The cross-entropy of perfect reconstructions is {floor:.4f}, not 0; ours "
        f"have {rows['plain']['cross_entropy']:.4f} and {rows['linear']['cross_entropy']:.4f}, so "
        "that errors are given as squared errors.",
    )


def _restoring(r):
    noise, lost, values = (r(f"restoring-{t}") for t in ("noise", "lost", "lost-values"))
    better = all(
        x["rows"]["restored"]["psnr"] > x["rows"][other]["psnr"]
        for x in (noise, lost, values)
        for other in ("corrupted", "pca")
    )
    n = 96 * 96 * 3
    yield Claim(
        24,
        "faces restored from heavy noise, or from 20 % of the pixels",
        CONFIRMED if better else NOT_SEEN,
        f"PSNR on unseen people: noise {_change(noise)}; 80 % of the pixels lost {_change(lost)}; "
        f"80 % of the values lost {_change(values)}. 20 % are {0.2 * n:,.0f} values but "
        f"{0.2 * n / 3:,.0f} whole pixels of 96 x 96, not 6,000 pixels.",
    )
    colours = r("restoring-colours")["rows"]
    yield Claim(
        25,
        "recolouring",
        CONFIRMED if colours["restored"]["psnr"] > colours["corrupted"]["psnr"] else NOT_SEEN,
        f"PSNR {_change(r('restoring-colours'))}. CIFAR-10, and colours laid on the given grey "
        "values, are on [the page of benchmarks](benchmarks.md).",
    )


def _change(result) -> str:
    rows = result["rows"]
    return (
        f"{rows['corrupted']['psnr']:.1f} -> {rows['restored']['psnr']:.1f} dB "
        f"(PCA {rows['pca']['psnr']:.1f})"
    )
