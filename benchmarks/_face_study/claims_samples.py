"""Verdicts on random points, paths and fragmentation: statements 26 to 30."""

import numpy as np

from .claims import CONFIRMED, CORRECTED, NOT_SEEN, Claim, percent
from .variational import RADII

__all__ = ["claims"]


def claims(r, settings) -> list[Claim]:
    """Return the verdicts; `r` gives the result of a step by its name."""
    return [_boxes(r), _spheres(r), _chance(r, settings), _paths(r), _fragments(r)]


def _boxes(r) -> Claim:
    rows, radii = r("boxes-plain")["rows"], r("arithmetic-spheres")["box_200"]
    best = min(rows, key=lambda name: rows[name]["frechet"])
    gaussian = r("densities-plain")["rows"]["one Gaussian"]["frechet"]
    linear = r("boxes-linear")["rows"]
    nearest = min(linear, key=lambda name: linear[name]["frechet"])
    usual = r("densities-linear")["rows"]["one Gaussian"]["frechet"]
    ends = list(radii.values())
    narrow = min(rows, key=lambda name: rows[name]["recall"] - rows[name]["precision"])
    return Claim(
        26,
        "uniform components between bounds from 0.5 to 50 give no faces",
        CONFIRMED if rows[best]["frechet"] > 2 * gaussian else NOT_SEEN,
        f"Their radius is b sqrt(d/3), {ends[0]:.1f} to {ends[-1]:.0f} at d = 200. The best here, "
        f"{best}, has a Frechet distance of {rows[best]['frechet']:.1f} and "
        f"{percent(rows[best]['precision'])} precision; one Gaussian has {gaussian:.1f}. Points of "
        f"{narrow} do give faces, but always nearly the same: precision "
        f"{percent(rows[narrow]['precision'])}, recall {percent(rows[narrow]['recall'])}, "
        f"Frechet distance {rows[narrow]['frechet']:.1f}. With the linear path, "
        f"whose components start at unit variance around 0, {nearest} has "
        f"{linear[nearest]['frechet']:.1f} and one Gaussian {usual:.1f}.",
    )


def _spheres(r) -> Claim:
    sums, full = r("arithmetic-spheres"), r("variational-full")
    tiny = r("variational-tiny-sum")
    rows = full["rows"]
    spheres = {f: rows[f"sphere of {f:g} sqrt(d)"]["frechet"] for f in RADII}
    best = min(spheres, key=spheres.get)
    mean, spread = sums["normal_200"]
    return Claim(
        27,
        "meaningful reconstructions around a sphere of radius 16",
        CORRECTED,
        f"16 is the square root of 256; with 200 components normal points stand at {mean:.2f} +- "
        f"{spread:.2f}. Under a strong divergence points lie at such a radius: at full weight at "
        f"{full['radius'][0]:.1f} +- {full['radius'][1]:.1f} where sqrt(d) is "
        f"{full['sqrt_d']:.1f}. Yet of the spheres tried that of {best:g} sqrt(d) is best "
        f"(Frechet distance {spheres[best]:.1f}; radius 16: "
        f"{rows['sphere of radius 16']['frechet']:.1f}; sqrt(d): {spheres[1]:.1f}), and one "
        f"Gaussian fitted to the points is better than all: "
        f"{rows['one Gaussian']['frechet']:.1f}. At 1e-6 the radius is "
        f"{tiny['radius'][0]:.1f}, and the sphere of sqrt(d) has "
        f"{tiny['rows']['sphere of 1 sqrt(d)']['frechet']:.1f}.",
    )


def _chance(r, settings) -> Claim:
    volumes, rows = r("volumes-plain"), r("boxes-plain")["rows"]
    d = volumes["sizes"][-1]
    measured = [r(f"dimension-{k}") for k in settings.dimensions]
    narrow, wide = (
        [row["near_and_within"] for name, row in rows.items() if (_bound(name) < 1) is small]
        for small in (True, False)
    )
    tried = ", ".join(
        f"{k}: {percent(x['box']['meaningful'])}"
        for k, x in zip(settings.dimensions, measured, strict=True)
    )
    return Claim(
        28,
        "the chance that a random point is meaningful is close to 0 above 200 components",
        CONFIRMED if volumes["fitted"][-1] < np.log(1e-6) else NOT_SEEN,
        f"By volume it is 10^{volumes['fitted'][-1] / np.log(10):.0f} for {d} components in a box "
        f"as wide as 99.9 % of the values. Measured by the way from point to image and back, "
        f"the share of meaningful points in a box of 3 standard deviations is, by components, "
        f"{tried}. Meaningful and no farther out than unseen people are at most "
        f"{percent(max(wide, default=0))} of the points in boxes with bounds above 1, and up to "
        f"{percent(max(narrow, default=0))} below, where all points lie near the origin and give "
        "nearly the same face.",
    )


def _bound(box: str) -> float:
    return float(box.split()[-1])


def _paths(r) -> Claim:
    paths = r("paths-plain")
    straight, matched, box = (paths["kinds"][name] for name in ("straight", "matched", "box"))
    half = len(paths["t"]) // 2
    calm = straight["cycle"][half] <= max(straight["cycle"][0], straight["cycle"][-1])
    return Claim(
        29,
        "straight paths cross chaotic reconstructions",
        NOT_SEEN if calm else CONFIRMED,
        f"Between unseen people, {percent(straight['meaningful'][half], 0)} of the middles are "
        f"meaningful, as are {percent(straight['meaningful'][0], 0)} of the ends: straight lines "
        f"pass nearer to the mean (d^2/d {straight['squared'][half]:.2f} in the middle, matched "
        f"paths {matched['squared'][half]:.2f}). Between random points of a box "
        f"{percent(box['meaningful'][half], 0)} are.",
    )


def _fragments(r) -> Claim:
    answers = {n: r(f"joint-{n}")["answers"]["one cloud?"] for n in ("plain", "linear")}
    one = all(answer[0] == "yes" for answer in answers.values())
    return Claim(
        30,
        "latent points are fragmented, filament-like (first text); one coherent region (later)",
        CORRECTED if one else NOT_SEEN,
        "The later text is right here: one cloud, in both networks. "
        f"{answers['plain'][1]} Off-centre: the origin lies at a Mahalanobis distance of "
        f"{r('components-plain')['centre_distance']:.1f} from the mean."
        if one
        else f"Clouds, by network: {answers}.",
    )
