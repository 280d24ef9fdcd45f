"""Which packages of requirements files this Python lacks; imports none of them, so it is fast.

python check_environment.py requirements.txt ...   prints their names, one line; nothing if all
are there. Used by run.sh before it has an environment, so it needs the standard library only.
"""

import re
import sys
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

IMPORT_NAMES = {"scikit-learn": "sklearn", "imbalanced-learn": "imblearn"}


def requirements(path):
    """(name, lowest version) for each line of the requirements file at `path`, and of those that
    it refers to (`-r`)."""
    for line in Path(path).read_text(encoding="utf-8").splitlines():
        other = re.match(r"-r\s*(\S+)", line)
        if other:
            yield from requirements(Path(path).parent / other[1])
            continue
        match = re.match(r"([A-Za-z0-9_.-]+)\s*(?:>=\s*([0-9.]+))?", line.split("#")[0].strip())
        if match:
            yield match[1], match[2] or "0"


def release(text):
    """'1.26.4rc1' -> (1, 26, 4): enough to compare with a lower bound."""
    numbers = []
    for part in text.split("."):
        match = re.match(r"\d+", part)
        if not match:
            break
        numbers.append(int(match[0]))
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)


def lacking(path):
    """Names, with what was expected, of packages that are missing or too old."""
    for name, lowest in requirements(path):
        try:
            found = version(name)
        except PackageNotFoundError:
            # tensorflow-cpu and others are the same package under another name
            if find_spec(IMPORT_NAMES.get(name, name.replace("-", "_"))) is None:
                yield name
            continue
        if release(found) < release(lowest):
            yield f"{name}>={lowest}"


if __name__ == "__main__":
    print(" ".join(name for path in sys.argv[1:] for name in lacking(path)))
