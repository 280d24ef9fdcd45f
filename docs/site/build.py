"""Build the site of the documentation: python docs/site/build.py [FOLDER]; docs/site/html if none.

Needs the packages of docs/site/requirements.txt beside those of requirements.txt. Warnings are
errors. Nothing is fetched from the network. Open index.html in the folder.
"""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent


def main(words):
    """Build into the folder that is named; returns the exit code."""
    try:
        from sphinx.cmd.build import build_main
    except ImportError:
        print("Sphinx is not installed: python -m pip install -r docs/site/requirements.txt")
        return 2
    target = Path(words[0]) if words else HERE / "html"
    return build_main(["-q", "-W", "--keep-going", "-c", str(HERE), "-d", str(target / ".doctrees"),
                       str(HERE.parent), str(target)])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
