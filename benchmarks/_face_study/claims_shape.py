"""Verdicts on components and pairs: statements 1 to 11."""

import numpy as np

from .claims import CONFIRMED, CORRECTED, NOT_SEEN, Claim, percent, span

__all__ = ["claims"]

GOOD_FIT = 0.98
LARGE_OVERLAP = 0.8


def claims(r) -> list[Claim]:
    """Return the verdicts; `r` gives the result of a step by its name."""
    return [*_components(r), *_coverages(r), *_looks(r)]


def _components(r):
    fits, shape = r("arithmetic-fits"), r("components-plain")
    f, linear = shape["fits"], r("components-linear")["fits"]
    widened = shape["absolute_sigma"] / f["sigma"]
    yield Claim(
        1,
        "number densities on intervals of width 0.25",
        CORRECTED if fits["narrow"]["absolute"] > 1.01 else CONFIRMED,
        f"A fixed width widens narrow components: at sigma 0.2 the fitted sigma is "
        f"{fits['narrow']['absolute']:.3f} of the true one (formula "
        f"{fits['narrow_formula']:.3f}), with bins of a quarter sigma "
        f"{fits['narrow']['sigma']:.3f}. Here components have sigma {span(f['std'])}, and the "
        f"width 0.25 gives up to {np.nanmax(widened):.3f} times the sigma of the finer bins "
        f"(with the linear path sigma is {span(linear['std'])}).",
    )
    good = np.median(f["r_squared"]) > GOOD_FIT
    yield Claim(
        2,
        "components are fitted well by Gaussian functions",
        CONFIRMED if good else NOT_SEEN,
        f"R2 is {np.median(f['r_squared']):.4f} in the median and {f['r_squared'].min():.4f} at "
        f"worst, KS distances reach {f['ks'].max():.3f}, skewness is {span(f['skewness'])}, "
        f"excess kurtosis {span(f['excess_kurtosis'])} (linear path: "
        f"{span(linear['excess_kurtosis'])}). It is weak evidence: a t distribution of 5 degrees "
        f"reaches R2 {fits['t5']['r_squared']:.3f} with sigma {fits['t5']['sigma']:.2f} for "
        f"{fits['t5']['true_std']:.2f}, a skew-normal {fits['skew3']['r_squared']:.3f}.",
    )
    d = len(f["std"])
    dominant = shape["dominant_share"] > 0.5 and d > 20
    yield Claim(
        3,
        "around 20 dominant components",
        CONFIRMED if dominant else NOT_SEEN,
        f"The 20 widest of {d} components hold {percent(shape['dominant_share'])} of the variance "
        f"({percent(min(20, d) / d)} if all were alike); {shape['participation']:.0f} equal ones "
        "would spread it as evenly.",
    )


def _coverages(r):
    sums, pairs = r("arithmetic-coverages"), r("pairs-plain")
    two, three, half = (pairs["coverage"][size] for size in ("2", "3", "2.5"))
    yield Claim(
        4,
        "a 3-sigma ellipse covers around 97 %",
        CORRECTED,
        f"A normal has {percent(sums['ellipse']['3'], 2)} there; 97 % is "
        f"{sums['n_std_97']:.2f} sigma. t distributions of 3 and 5 degrees give "
        f"{percent(sums['t3'])} and {percent(sums['t5'])}: such a share speaks of heavy tails. "
        f"Here: {percent(three['train'].mean())} on average, {_shares(three['train'])} over "
        f"{len(three['train']):,} pairs, unseen people {percent(three['test'].mean())}.",
    )
    simulated = [float(x) for x in sums["simulated_2_sigma"].values()]
    yield Claim(
        5,
        "2 sigma hold 70 to 90 %, depending on the eccentricity",
        CORRECTED,
        f"{percent(sums['ellipse']['2'], 2)} whatever the correlation; simulated for rho from 0 to "
        f"0.99: {_shares(np.array(simulated), 2)}. Here {_shares(two['train'])}, mean "
        f"{percent(two['train'].mean())}; rank correlation with eccentricity "
        f"{pairs['eccentricity_effect']:.2f}.",
    )
    smaller = np.mean(two["train"] < two["rectangle"])
    yield Claim(
        6,
        "ellipses hold fewer points than rectangles",
        CONFIRMED if smaller > 0.99 else NOT_SEEN,
        f"So in {percent(smaller)} of the pairs: rectangles of 2 sigma hold "
        f"{percent(two['rectangle'].mean())}, of 3 sigma {percent(three['rectangle'].mean())} "
        f"(independent normals: {percent(sums['rectangle']['2'])} and "
        f"{percent(sums['rectangle']['3'])}).",
    )
    close = abs(half["train"].mean() - half["nominal"]) < 0.01
    yield Claim(
        7,
        "ellipses of more than 2.5 sigma hold the core",
        CONFIRMED if close else CORRECTED,
        f"2.5 sigma are {percent(half['nominal'], 2)} of a normal and "
        f"{percent(half['train'].mean(), 2)} here; 95 % are {sums['n_std_95']:.4f} sigma, which "
        f"hold {percent(pairs['coverage']['95']['train'].mean(), 2)} here.",
    )


def _shares(shares, digits: int = 1) -> str:
    return f"{100 * shares.min():.{digits}f} to {100 * shares.max():.{digits}f} %"


def _looks(r):
    contours, pairs = r("contours-plain")["pairs"], r("pairs-plain")
    overlaps = np.array([pair["overlap"] for pair in contours.values()])
    yield Claim(
        8,
        "density contours are elliptic",
        CONFIRMED if np.median(overlaps) > LARGE_OVERLAP else NOT_SEEN,
        f"In the {len(contours)} most correlated pairs, contours and ellipses of the same share "
        f"have {percent(overlaps.min(), 0)} to {percent(overlaps.max(), 0)} of their joint area "
        "in common.",
    )
    yield Claim(
        9,
        "10,000 or 50,000 of 170,000 points show it",
        CONFIRMED if pairs["subsample_gap"] < 0.05 else NOT_SEEN,
        f"A quarter of the points, {pairs['subsample_size']:,}, gives 2-sigma shares that differ "
        f"by at most {percent(pairs['subsample_gap'])} over all pairs.",
    )
    f, sums = r("components-plain")["fits"], r("arithmetic-coverages")
    fitted = np.abs(f["center"] - f["mean"]) / f["std"]
    middle = np.abs(f["median"] - f["mean"]) / f["std"]
    yield Claim(
        10,
        "the centre of the fitted curves is not always optimal",
        CONFIRMED,
        f"Fitted centres are up to {fitted.max():.2f} sigma from the mean, medians up to "
        f"{middle.max():.2f}. Ellipses are centred at the mean.",
    )
    yield Claim(
        11,
        "two times the half-width as a boundary",
        CONFIRMED,
        f"The half-width is {sums['half_width']:.4f} sigma, so that this is an interval of "
        f"{2 * sums['half_width']:.2f} sigma and holds {percent(sums['two_half_widths'])} of a "
        "normal component.",
    )
