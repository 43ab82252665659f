# Everything runs in an environment of its own, made on first use.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
INSTALL := -m pip --disable-pip-version-check install --quiet
PIP := $(BIN)/python $(INSTALL) --constraint constraints.txt
MINIMUM := .venv-minimum
MINIMUM_PYTHON ?= python3.11
NEWEST := .venv-newest
NEWEST_PYTHON ?= python3.13

.PHONY: demo test types test-minimum test-newest docs snippets clean

demo: $(VENV)/.core
	$(BIN)/python examples/demo.py

test: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python tests/typed/check_types.py
	$(BIN)/python -m pytest -n 2

types: $(VENV)/.test
	$(BIN)/python tests/typed/check_types.py

# All that installing asks for at its lowest version: the bounds of pyproject.toml hold.
test-minimum: $(MINIMUM)/.test
	$(MINIMUM)/bin/python -m pytest -n 2

# All at its newest version, on a newer Python.
test-newest: $(NEWEST)/bin/python
	$(NEWEST)/bin/python $(INSTALL) --upgrade --upgrade-strategy eager --editable ".[test]"
	$(NEWEST)/bin/python -m pytest -n 2

docs: $(VENV)/.docs
	$(BIN)/sphinx-build --fail-on-warning --keep-going docs docs/_build
	$(BIN)/python docs/check_links.py docs/_build

snippets: $(VENV)/.docs
	$(BIN)/python docs/run_snippets.py docs/quick_start.md docs/guide/*.md

$(VENV)/.core: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(PIP) torch
	$(PIP) --editable .
	touch $@

$(VENV)/.test: $(VENV)/.core
	$(PIP) --editable ".[test]"
	touch $@

$(VENV)/.docs: $(VENV)/.core
	$(PIP) --editable ".[docs]"
	touch $@

$(MINIMUM)/.test: pyproject.toml tests/minimum_versions.py
	$(MINIMUM_PYTHON) -m venv --clear $(MINIMUM)
	$(MINIMUM)/bin/python tests/minimum_versions.py > $(MINIMUM)/pins.txt
	$(MINIMUM)/bin/python $(INSTALL) --constraint $(MINIMUM)/pins.txt --editable ".[test]"
	touch $@

$(NEWEST)/bin/python:
	$(NEWEST_PYTHON) -m venv $(NEWEST)

clean:
	rm -rf $(VENV) $(MINIMUM) $(NEWEST) docs/_build docs/generated docs/gallery
