"""README.txt in a run folder: its files and how to load them, for those who get the folder."""

from pathlib import Path

from ..files import write_atomic
from ..shown import escaped, one_line

README = "README.txt"
FILES = """Files
  points.csv                 every evaluated point, one row each
  Accumulated_points.txt     parameters of the points in the target, for numpy.loadtxt
  chi2.txt                   chi2 (or value) of the same points
  scan_input_used.json       every setting of the scan, versions of the packages, seed
  model/                     the trained model
  report.html, pictures/     report with all pictures
  iterations.csv, log.txt    what each iteration did, and the messages of the scan
  failed/                    input files of some points that failed
"""
LOADING = """Loading
  Python    import pandas
            points = pandas.read_csv("points.csv")
            good = points[points.in_target == 1]
  NumPy     numpy.genfromtxt("points.csv", delimiter=",", names=True, dtype=None, encoding="utf-8")
  ROOT      auto points = ROOT::RDF::FromCSV("points.csv");
  scanner   import mlscanner; run = mlscanner.load("this folder")    # run.points, .good, .model
"""
MEANING = {
    "id": "number of the point", "iteration": "in which it was proposed",
    "origin": "how it was proposed: design, random, a step of the search, imported NAME",
    "predicted": "prediction before it was evaluated: chi2 (value), or probability in target",
    "chi2": "smaller is better", "value": "the number that must lie in the target band",
    "chi2_NAME": "what the observable NAME adds to chi2",
    "in_target": "1: yes, 0: no", "status": "ok, or in one word why the point failed",
    "reason": "why it failed, in full; for an ok point the hard limits that it breaks"}


def write_readme(folder, content):
    """Write README.txt into a run folder, unless something of that name is there.

    Parameters
    ----------
    folder : path
    content : dict
        Of scan_input_used.json.
    """
    path = Path(folder, README)
    if not path.exists() and not path.is_symlink():
        write_atomic(path, escaped(readme(content)))


def readme(content):
    """The text of README.txt."""
    settings = content.get("settings", {})
    rows = [(p["name"], _range(p)) for p in content.get("parameters", [])]
    rows += [(e["name"], _known(e)) for e in settings.get("Observables", [])]
    return (f"A scan by MLscanner {content.get('version', '')}: model {content.get('model', '')}, "
            f"calculator {one_line(settings.get('Calculator', ''))}.\n\n{FILES}\n"
            f"Columns of points.csv\n{_lines(MEANING.items())}\n"
            f"Parameters and observables\n{_lines(rows)}\n{LOADING}")


def _lines(rows):
    return "".join(f"  {one_line(name):22} {one_line(text)}".rstrip() + "\n" for name, text in rows)


def ends(parameter):
    """'from LOW to HIGH' of an entry of scan_input_used.json, '' where it has no range."""
    low, high = parameter.get("low"), parameter.get("high")
    return f"from {low:g} to {high:g}" if isinstance(low, int | float) and \
        isinstance(high, int | float) else ""


def _range(parameter):
    return f"parameter {ends(parameter)}".rstrip() + f", {parameter.get('prior', 'linear')}"


def _known(entry):
    words = [f"{word} = {entry[word]}" for word in ("value", "sigma", "lower", "upper")
             if entry.get(word) is not None]
    unit = f" in {entry['unit']}" if entry.get("unit") else ""
    return f"observable{unit}" + (f": {', '.join(words)}" if words else "")
