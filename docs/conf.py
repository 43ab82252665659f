"""Sphinx configuration."""

import importlib.metadata

project = "sklatent"
author = "The sklatent developers"
copyright = "2026, the sklatent developers"
release = importlib.metadata.version("sklatent")
version = release

extensions = ["sphinx.ext.autodoc", "sphinx.ext.autosummary", "numpydoc", "myst_parser"]
source_suffix = {".md": "markdown", ".rst": "restructuredtext"}
exclude_patterns = ["_build"]
templates_path = ["_templates"]
autosummary_generate = True
numpydoc_show_class_members = False
numpydoc_class_members_toctree = False
myst_enable_extensions = ["dollarmath"]

html_theme = "pydata_sphinx_theme"
html_title = "sklatent"
html_show_sourcelink = False
