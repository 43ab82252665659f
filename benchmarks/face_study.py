"""The story of two texts on latent spaces of faces, once more, with numbers.

On the 13,233 faces of Labeled Faces in the Wild it trains two autoencoders of 128 components,
describes their latent points, draws others in every way that the package has, follows paths,
restores images, and holds what it finds against each statement of the texts. Everything goes
into a folder: each step's result appears there whole or not at all, and a run that was killed
goes on where it was. The two main trainings go on after their last epoch, exactly as if nothing
had happened; of the shorter ones at most one is lost.

Run: SKLATENT_DATA=folder python benchmarks/face_study.py [--output folder] [--quick]
     ... --page docs/face_study.md --pictures docs/images/faces   writes the page
"""

import argparse
import os
import sys
import time
from pathlib import Path

from _face_study import (
    arithmetic,
    attributes,
    cycles,
    description,
    dimensions,
    reconstruction,
    restoring,
    sampling,
    training,
    variational,
    walking,
)
from _face_study.graphs import draw_graphs
from _face_study.grids import draw_grids
from _face_study.page import write_page
from _face_study.settings import QUICK, Settings
from _face_study.store import Store
from _face_study.study import Step, Study
from tqdm import tqdm

SUBJECTS = (
    arithmetic,
    training,
    reconstruction,
    description,
    cycles,
    sampling,
    walking,
    attributes,
    dimensions,
    variational,
    restoring,
)


def all_steps(study: Study) -> list[Step]:
    """Return the steps in their order."""
    steps = [step for subject in SUBJECTS for step in subject.STEPS]
    return steps + dimensions.dimension_steps(study)


def run_steps(study: Study, steps: list[Step]) -> None:
    """Run each step that has no result yet."""
    bar = tqdm(steps, unit="step", dynamic_ncols=True)
    for step in bar:
        bar.set_description(step.name)
        if study.store.has(step.name):
            continue
        start = time.perf_counter()
        found = step.run(study)
        study.store.save(step.name, {**found, "seconds_of_step": time.perf_counter() - start})


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--output", type=Path, help="folder of results; face_study by default")
    parser.add_argument("--quick", action="store_true", help="a trial on few images and epochs")
    parser.add_argument("--redo", nargs="+", default=[], help="steps whose results are thrown away")
    parser.add_argument("--page", type=Path, help="the page to write; in the folder by default")
    parser.add_argument("--pictures", type=Path, help="folder of pictures; beside the page")
    parser.add_argument("--only-page", action="store_true", help="write page and pictures alone")
    args = parser.parse_args()
    output = args.output or Path("face_study_quick" if args.quick else "face_study")
    settings = QUICK if args.quick else Settings()
    study = Study(settings, Store(output, settings))
    steps = all_steps(study)
    unknown = set(args.redo) - {step.name for step in steps}
    if unknown:
        parser.error(f"--redo takes names of steps; unknown: {', '.join(sorted(unknown))}.")
    for name in args.redo:
        study.store.forget(name)
    if not args.only_page:
        run_steps(study, steps)
    missing = [step.name for step in steps if not study.store.has(step.name)]
    if missing:
        print(f"No page yet; steps without a result: {', '.join(missing)}.", file=sys.stderr)
        return
    page = args.page or output / "face_study.md"
    pictures = args.pictures or page.parent / "images" / "faces"
    write_all(study, steps, page, pictures)


def write_all(study: Study, steps: list[Step], page: Path, pictures: Path) -> None:
    """Draw all pictures and write the page, from the results alone."""
    r, settings = study.result, study.settings
    draw_graphs(r, settings, pictures)
    draw_grids(r, pictures)
    sizes = tuple(len(r("latent-plain")[part]) for part in ("train", "test"))
    # A training that went on after a break has the time of its earlier epochs too.
    found = [r(step.name) for step in steps]
    seconds = sum(max(x["seconds_of_step"], x.get("seconds", 0)) for x in found)
    prefix = f"{os.path.relpath(pictures, page.parent)}/"
    write_page(r, settings, sizes, page, prefix, seconds)


if __name__ == "__main__":
    main()
