"""Sphinx configuration. Builds need no network, see `intersphinx_mapping` below."""

import os
import sys
from pathlib import Path

import matplotlib

import sklatent

sys.path.insert(0, str(Path(__file__).parent / "_ext"))
matplotlib.use("Agg")

project = "sklatent"
author = "The sklatent developers"
copyright = "2026, the sklatent developers"
release = version = sklatent.__version__

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.intersphinx",
    "numpydoc",
    "myst_parser",
    "sphinx_design",
    "sphinx_gallery.gen_gallery",
    "mathml",
]
source_suffix = {".md": "markdown", ".rst": "restructuredtext"}
exclude_patterns = ["_build", "gallery/backreferences"]
templates_path = ["_templates"]
# The names beside a page are short enough for their column.
toc_object_entries_show_parents = "hide"
autosummary_generate = True
# Docstrings name the types; in signatures they would take a page.
autodoc_typehints = "none"
numpydoc_show_class_members = False
numpydoc_class_members_toctree = False
myst_enable_extensions = ["colon_fence", "dollarmath"]
myst_heading_anchors = 3
html_math_renderer = "mathml"

# Every reference must lead somewhere, but to other libraries (see `intersphinx_mapping`), to what
# scikit-learn's own docstrings name, and to the types of results, which have no page.
nitpicky = True
nitpick_ignore_regex = [
    ("py:.*", r"(matplotlib|numpy|pandas|scipy|sklearn|skorch|torch)\..*"),
    ("py:obj", "named_steps|n_features_in_|feature_names_in_"),
    ("py:class", r"sklatent\.(.*\.)?_.*"),
]

# Links to the pages of other libraries need their inventories from the network. They are
# left out unless SKLATENT_DOCS_ONLINE is set, so that a build without it cannot fail or differ.
intersphinx_mapping = (
    {
        "python": ("https://docs.python.org/3", None),
        "numpy": ("https://numpy.org/doc/stable", None),
        "scipy": ("https://docs.scipy.org/doc/scipy", None),
        "sklearn": ("https://scikit-learn.org/stable", None),
        "matplotlib": ("https://matplotlib.org/stable", None),
        "torch": ("https://docs.pytorch.org/docs/stable", None),
    }
    if os.environ.get("SKLATENT_DOCS_ONLINE")
    else {}
)

sphinx_gallery_conf = {
    "examples_dirs": "../examples",
    "gallery_dirs": "gallery",
    "ignore_pattern": r"demo\.py",
    "within_subsection_order": "gallery_order.position",
    "backreferences_dir": "gallery/backreferences",
    "doc_module": ("sklatent",),
    "image_srcset": ["2x"],
    "thumbnail_size": (480, 336),
    "notebook_extensions": set(),
    "download_all_examples": False,
    "write_computation_times": False,
    "show_signature": False,
    "remove_config_comments": True,
    "capture_repr": (),
    "abort_on_example_error": True,
}

html_theme = "pydata_sphinx_theme"
html_title = "sklatent"
html_static_path = ["_static"]
html_css_files = ["sklatent.css"]
html_show_sourcelink = False
html_copy_source = False
single_pages = (
    "index",
    "quick_start",
    "science",
    "face_study",
    "sample_quality",
    "benchmarks",
    "contributing",
    "changelog",
)
html_sidebars = {name: [] for name in single_pages}
html_theme_options = {
    "logo": {"text": "sklatent"},
    "navigation_with_keys": False,
    "show_toc_level": 2,
    "header_links_before_dropdown": 6,
    "footer_start": ["copyright"],
    "footer_end": [],
}
