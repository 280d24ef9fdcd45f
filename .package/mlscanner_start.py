"""What run.sh starts, in a folder with nothing but the package: no file of a user's is shadowed."""

import os
from pathlib import Path

from mlscanner.__main__ import start

if __name__ == "__main__":
    os.environ.setdefault("MLSCANNER_HOME", str(Path(__file__).resolve().parents[1]))
    start()
