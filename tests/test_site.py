"""The site of the documentation: it is built of the same pages, and a warning is an error."""

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import pytest

import mlscanner
from documents import PAGES, PROJECT

SITE = PROJECT / "docs" / "site"
MISSING = [name for name in ("sphinx", "myst_parser", "furo") if not importlib.util.find_spec(name)]
pytestmark = [pytest.mark.slow, pytest.mark.skipif(
    bool(MISSING), reason=f"not installed: {', '.join(MISSING)} (docs/site/requirements.txt)")]


def build(*words):
    """Run a command of Python; exit code and what it said."""
    done = subprocess.run([sys.executable, *map(str, words)], capture_output=True, text=True,
                          timeout=300)
    return done.returncode, done.stdout + done.stderr


def test_the_site(tmp_path):
    """Each page is there and in the contents, the search knows it, each public name is in the
    reference, and nothing is loaded from another machine."""
    code, said = build(SITE / "build.py", tmp_path)
    assert (code, said) == (0, "")
    front = (tmp_path / "index.html").read_text("utf-8")
    names = [Path(page).stem for page in PAGES if page.startswith("docs/")]
    for name in names:
        assert (tmp_path / f"{name}.html").is_file()
        assert f'href="{name}.html"' in front or name == "index", name
    assert all(f'"{name}"' in (tmp_path / "searchindex.js").read_text("utf-8") for name in names)
    reference = (tmp_path / "site" / "api.html").read_text("utf-8")
    for name in mlscanner.__all__[1:]:
        assert f'id="mlscanner.{name}"' in reference, name
    for page in tmp_path.rglob("*.html"):
        text = page.read_text("utf-8")
        assert not re.search(r"<(script|link|img|iframe)[^>]*(src|href)=.?(https?:)?//", text), page


@pytest.mark.parametrize(("link", "said"), [
    ("there", ""), ("nowhere", "nowhere"), ("index", "there.md")], ids=["right", "wrong", "orphan"])
def test_a_warning_is_an_error(tmp_path, link, said):
    """A link that leads nowhere ends the build, and so does a page that index.md does not link."""
    (tmp_path / "index.md").write_text(f"# Pages\n\n## Learn it\n\n- [a page]({link}.md)\n")
    (tmp_path / "there.md").write_text("# There\n\nWords.\n")
    code, found = build("-m", "sphinx", "-q", "-W", "-c", SITE, tmp_path, tmp_path / "out")
    assert (code == 0) == (not said) and said in found, found
