"""Print the lowest version of each dependency that pyproject.toml allows, as pip's constraints."""

import re
import tomllib
from pathlib import Path

PROJECT = Path(__file__).parents[1] / "pyproject.toml"
BOUND = re.compile(r"([A-Za-z0-9._-]+)(?:\[[^]]*\])?>=([0-9.]+)")


def minimum_versions(text):
    """Return ``name==version`` for each dependency that installing ``.[test]`` asks for."""
    project = tomllib.loads(text)["project"]
    extras = project["optional-dependencies"]
    requirements = [*project["dependencies"], *extras["test"], *extras["flow"]]
    bounds = [BOUND.fullmatch(item) for item in requirements if not item.startswith("sklatent[")]
    return [f"{bound[1]}=={bound[2]}" for bound in bounds]


if __name__ == "__main__":
    print("\n".join(minimum_versions(PROJECT.read_text())))
