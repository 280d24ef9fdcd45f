"""Sphinx: the pages of docs/, as they are, with search and a reference of the Python interface."""

import re
import sys
from pathlib import Path

DOCS = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(DOCS.parent / ".package"))

import mlscanner  # noqa: E402
from mlscanner.models.saved_model import SavedModel  # noqa: E402

release = mlscanner.__version__

project, author = "MLscanner", "A. Hammad, M. Park, R. Ramos, P. Saha"
copyright = author  # noqa: A001
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx.ext.viewcode"]
source_suffix = {".md": "markdown"}
root_doc = "index"
exclude_patterns = ["site/html", "**/__pycache__"]
nitpicky = False                    # types such as "float array (n,)" are words, no classes
myst_heading_anchors = 4            # as GitHub names them
autodoc_default_options = {"members": True, "member-order": "bysource"}
autodoc_typehints = "none"          # docstrings say them, with shapes and units
napoleon_numpy_docstring, napoleon_google_docstring = True, False
napoleon_use_rtype, napoleon_use_ivar = False, True

html_theme = "furo"
html_title = f"MLscanner {release}"
html_copy_source = html_show_sphinx = False
html_static_path: list[str] = []

PARTS = {"Learn it": "Learn", "Look it up": "Reference", "Know how it works": "Background"}


def contents(text):
    """The tables of contents behind the text of docs/index.md: its own links, under its headings.

    So a page that index.md does not link is in none of them, which Sphinx calls a warning.
    """
    tables = []
    for part in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
        title = part.partition("\n")[0]
        pages = dict.fromkeys(re.findall(r"\]\((\w+)\.(?:md)\)", part))
        more = ["site/api"] if title == "Look it up" else []
        tables.append("\n".join(["```{toctree}", ":hidden:", f":caption: {PARTS[title]}", "",
                                 *pages, *more, "```"]))
    return "\n\n".join(tables)


def reference():
    """What autodoc is asked for: each public name of the package, and what they give back."""
    public = {name: getattr(mlscanner, name) for name in mlscanner.__all__[1:]}
    public["models.saved_model.SavedModel"] = SavedModel
    lines = []
    for name, thing in public.items():
        kind = "function" if not isinstance(thing, type) else \
            "exception" if issubclass(thing, Exception) else "class"
        lines += [f".. auto{kind}:: mlscanner.{name}", ""]
    return "\n".join(["```{eval-rst}", *lines, "```"])


def _read(app, name, source):
    if name == root_doc:
        source[0] += "\n" + contents(source[0])
    elif name == "site/api":
        source[0] += "\n" + reference()


def setup(app):
    """Called by Sphinx."""
    app.connect("source-read", _read)
