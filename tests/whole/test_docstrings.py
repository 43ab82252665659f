"""Public docstrings name every parameter, in order, and show an example."""

import inspect
import re

import pytest
from numpydoc.validate import validate

import sklatent
from sklatent import corruption, datasets, displays, metrics, paths, samplers

# Summary, parameters in number, order and spelling, returns; an example in each class and function.
CODES = {"GL08", "SS01", "PR01", "PR02", "PR03", "PR05", "PR06", "RT01", "YD01"}
MODULES = {
    "sklatent": sklatent,
    "sklatent.corruption": corruption,
    "sklatent.datasets": datasets,
    "sklatent.displays": displays,
    "sklatent.metrics": metrics,
    "sklatent.paths": paths,
    "sklatent.samplers": samplers,
}


def public_objects():
    for module_name, module in MODULES.items():
        for name in module.__all__:
            value = getattr(module, name)
            if inspect.ismodule(value):
                continue
            yield f"{module_name}.{name}", CODES | {"EX01"}
            if inspect.isclass(value):
                for method_name, method in inspect.getmembers(value, callable):
                    ours = (getattr(method, "__module__", None) or "").startswith("sklatent")
                    if ours and not method_name.startswith("_"):
                        yield f"{module_name}.{name}.{method_name}", CODES


@pytest.mark.parametrize("name", sorted(OBJECTS := dict(public_objects())))
def test_docstring_is_complete(name):
    found = [f"{code}: {text}" for code, text in validate(name)["errors"] if code in OBJECTS[name]]
    assert found == []


@pytest.mark.parametrize("name", sorted(OBJECTS))
def test_lines_hold_no_gap_in_help(name):
    lines = (validate(name)["docstring"] or "").splitlines()
    assert [line for line in lines if re.search(r" : .*\S {8,}\S", line)] == []
