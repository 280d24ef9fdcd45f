"""report.html: one self-contained page about a run; it needs no network, and fetches nothing."""

import base64
import html
import json
import re
import shlex
from collections import Counter
from pathlib import Path

import numpy as np

from ..files import program, write_atomic
from ..shown import counted, escaped
from ..statistics.ranges import cut_ranges
from ..statistics.unseen import unseen
from ..store.folders import result_folder
from ..version import METHOD
from .html_labels import html_label
from .report_data import points_as_json

ASSETS = Path(__file__).resolve().parent / "assets"
NAME = "report.html"
BEST = 8            # best points in the table
REASONS = 4         # most frequent reasons shown for each status
APART = 0.05        # of the range of some parameter, between two of the best points
FIRST = ("corner", "profiles", "progress")  # the figures that everybody looks at
SECTIONS = {"figures": "What was found", "found": "Best points", "scanned": "What was scanned",
            "failed": "Statuses", "scatter": "Any two columns", "pictures": "More pictures",
            "how": "Reproduce, continue, cite"}


def write_report(run, pictures):
    """Write report.html into the folder of `run`.

    Parameters
    ----------
    run : RunData
    pictures : sequence of (name, text, path)
        Pictures to be put into the page: name, what it shows, PNG.

    Returns
    -------
    Path
    """
    first = [p for p in pictures if p[0] in FIRST]
    parts = {"figures": figures(first), "found": best_points(run), "scanned": scanned(run),
             "failed": failed(run), "scatter": interactive(run),
             "pictures": figures([p for p in pictures if p[0] not in FIRST]),
             "how": how(run) + settings(run)}
    links = "".join(f'<a href="#{key}">{esc(words)}</a>' for key, words in SECTIONS.items())
    body = "".join(f'<section id="{key}"><h2>{esc(SECTIONS[key])}</h2>{part}</section>\n'
                   for key, part in parts.items())
    page = (f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">\n'
            f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            f'<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
            f'img-src data:; style-src \'unsafe-inline\'; script-src \'unsafe-inline\'">\n'
            f'<meta name="color-scheme" content="light dark">\n'
            f"<title>{esc(title(run))}</title>\n"
            f"<style>{_asset('uPlot.min.css')}{_asset('report.css')}</style></head>\n<body>\n"
            f"<h1>{esc(title(run))}</h1>\n{sentence(run)}{headline(run)}{cuts(run)}{left(run)}"
            f'<nav aria-label="Parts of this page">{links}</nav>\n<main>\n'
            f"{body}</main>\n<script>{_asset('uPlot.iife.min.js')}</script>\n"
            f"<script>{_asset('report.js')}</script>\n</body></html>\n")
    path = run.folder / NAME
    write_atomic(path, page)
    return path


def esc(text):
    """Any text as text, whatever stands in it; what is not printed as an escape."""
    return html.escape(escaped(text), quote=True)


def _asset(name):
    return (ASSETS / name).read_text(encoding="utf-8")


class Markup(str):
    """Text that is HTML already: of a label."""

    __slots__ = ()


def table(header, rows, numeric=(), about="table"):
    """An HTML table of texts; columns in `numeric` are set flush right.

    What does not fit is scrolled within the table, by keyboard too, for which it needs a name.
    """
    def line(cells, tag):
        marks = [' class="n"' if i in numeric else "" for i in range(len(cells))]
        return "<tr>" + "".join(f"<{tag}{m}>{c if isinstance(c, Markup) else esc(c)}</{tag}>"
                                for c, m in zip(cells, marks, strict=True)) + "</tr>"
    head = f"<thead>{line(header, 'th')}</thead>" if header else ""
    return (f'<div class="wide" tabindex="0" role="region" aria-label="{esc(about)}"><table>{head}'
            "<tbody>"
            f"{''.join(line(r, 'td') for r in rows)}</tbody></table></div>\n")


def number(value):
    """Six digits, or a dash where there is no number."""
    return f"{value:.6g}" if np.isfinite(value) else "–"


def title(run):
    """What the run is and what it found, for the browser's tab too."""
    good = int(run.inside.sum())
    return f"Scan {run.folder.resolve().name}: {good:,} points with {goal(run)}"


def goal(run):
    """The target in words."""
    low, high = run.band
    return f"{run.value_name} between {low:g} and {high:g}" if np.isfinite(low) else \
        f"{run.value_name} below {high:g}" if np.isfinite(high) else "column in_target"


def sentence(run):
    """What was scanned, in one sentence."""
    known = run.settings.get("settings", {})
    names = ", ".join(shown(run, name) for name in run.scanned)
    return (f"<p>{esc(run.model)} scanned {counted(len(run.scanned), 'parameter')} ({names}) with "
            f"the calculator {esc(known.get('Calculator', 'that is not recorded'))}.</p>\n")


def shown(run, name):
    """The label of a column as HTML, with its name in points.csv where that is another one."""
    text = html_label(run.axis(name).symbol)
    unit = f" <small>[{esc(run.units[name])}]</small>" if name in run.units else ""
    return Markup((text if text == esc(name) else f"{text} <small>{esc(name)}</small>") + unit)


def headline(run):
    """The numbers that count."""
    good, evaluated = int(run.inside.sum()), len(run)
    share, n = run.random_share()
    numbers = [("evaluated points", f"{evaluated:,}"), ("in the target", f"{good:,}"),
               ("efficiency", f"{100 * good / max(1, evaluated):.1f}%"),
               ("random sampling", f"{100 * share:.2g}%" if n else "–"),
               ("failed points", f"{int((~run.ok).sum()):,}"),
               ("iterations", int(run.table["iteration"].max(initial=0)))]
    return '<div class="numbers">' + "".join(
        f"<span><b>{esc(v)}</b>{esc(k)}</span>" for k, v in numbers) + "</div>\n"


def cuts(run):
    """Which ranges cut the target; nothing where none does."""
    lines = cut_ranges(run.unit()[run.inside], [(n, run.priors[n]) for n in run.scanned])
    return "".join(f'<p class="cut"><b>{esc(line)}.</b> Widen the range, unless it is meant to end '
                   "there.</p>\n" for line in lines)


def left(run):
    """How large a part of the target may be that no point has found."""
    lines = unseen(run.unit(), run.table["origin"], run.inside,
                   [(n, run.priors[n]) for n in run.scanned])
    return "".join(f"<p>{esc(line)}.</p>\n" for line in lines)


def scanned(run):
    """Calculator, model, target and the table of parameters."""
    known = run.settings.get("settings", {})
    facts = [("calculator", known.get("Calculator", "not recorded")), ("model", run.model),
             ("target", goal(run)), ("folder", run.folder.resolve())]
    entries = {p.get("name"): p for p in run.settings.get("parameters", [])}
    rows = []
    for name in run.parameters:
        p, values = entries.get(name, {}), run.table[name][run.inside]
        spans = [number(v) for v in (values.min(), values.max())] if len(values) else ["–", "–"]
        ends = [f"{p[k]:g}" if isinstance(p.get(k), int | float) else "–" for k in ("low", "high")]
        rows.append((shown(run, name), *ends, p.get("prior", "–"), *spans))
    return table((), facts, about="the scan") + table(
        ("parameter", "from", "to", "prior", "smallest in target", "largest in target"), rows,
        (1, 2, 4, 5), "parameters")


def best_rows(run):
    """Rows of the best points that differ from each other, best first."""
    distance, unit = run.distance, run.unit()
    order = np.argsort(np.where(np.isfinite(distance), distance, np.inf), kind="stable")
    order = order[np.isfinite(distance[order])]
    chosen: list[int] = []
    while len(order) and len(chosen) < BEST:
        best = order[0]
        chosen.append(int(best))
        order = order[np.abs(unit[order] - unit[best]).max(1) > APART]
    return chosen


def best_points(run):
    """The best points with everything that is known about them, one column each."""
    rows = best_rows(run)
    if not rows:
        return "<p>There is no best point: every point failed or breaks a hard limit.</p>"
    first = f"<p>{esc(run.goodness)}</p>" * bool(run.goodness)
    first += (f'<p class="small">Any two of these points differ by more than {100 * APART:g} % of '
             "the range in at least one parameter.</p>")
    if not run.inside[rows].any():
        first = "<p>No point is in the target; these are the nearest ones.</p>"
    names = (run.value_name, *run.parameters, *run.observables)
    lines = [(shown(run, name), *(number(v) for v in run.table[name][rows])) for name in names]
    lines += [(name, *(number(v) if run.table[name].dtype != object else v
                       for v in run.table[name][rows]))
              for name in ("predicted", "iteration", "origin")]
    ids = [f"id {i}" for i in run.table["id"][rows]]
    return first + table(("", *ids), lines, range(1, len(ids) + 1), "best points")


def failed(run):
    """Each status with its share and its most frequent reasons."""
    counts, rows = Counter(run.table["status"]), []
    for status, count in counts.most_common():
        at = run.table["status"] == status
        reasons = Counter(re.sub(r"[-+]?\d+\.\d+(?:[eE][-+]?\d+)?", "…", r)
                          for r in run.table["reason"][at] if r)
        words = "; ".join(f"{text} ({n:,})" for text, n in reasons.most_common(REASONS))
        more = f"; {len(reasons) - REASONS:,} others" if len(reasons) > REASONS else ""
        example = run.table["id"][np.flatnonzero(at)[0]]
        rows.append((status, f"{count:,}", f"{100 * count / len(run):.1f}%", f"id {example}",
                     words + more or "–"))
    return table(("status", "points", "share", "example", "most frequent reasons"), rows, (1, 2),
                 "statuses") \
        + ('<p class="small">A failed point is never in the target. Its full reason is '
           "in the column <code>reason</code> of points.csv.</p>")


def figures(pictures):
    """The PNGs, inside the page."""
    parts = []
    for name, text, path in pictures:
        data = base64.b64encode(Path(path).read_bytes()).decode()
        parts.append(f'<figure><img alt="{esc(text)}" src="data:image/png;base64,{data}">'
                     f'<figcaption>{esc(text)} (<a href="pictures/{esc(name)}.pdf">PDF</a>)'
                     "</figcaption></figure>\n")
    return "".join(parts) or "<p>No picture could be drawn.</p>"


def interactive(run):
    """The scatter: its controls and the points."""
    data, kept = points_as_json(run)
    said = f"All {kept:,} points are in this page." if kept == len(run) else (
        f"This page holds {kept:,} of the {len(run):,} points: those in the target, up to half "
        "of the page, and a random choice of the others.")
    selects = "".join(f'<label>{text} <select id="{key}"></select></label> '
                      for key, text in (("x", "x"), ("y", "y"), ("c", "colour")))
    ticks = "".join(f'<label><input type="checkbox" id="{key}"> {text}</label> ' for key, text in (
        ("logx", "log x"), ("logy", "log y"), ("logc", "log colour"), ("good", "in target only")))
    selects += '<label>point with id <input id="which" type="number" min="0"></label> '
    return (f'<p class="small">{said} Drag to zoom; double-click to zoom out. Click on '
            'a point, or type its id, to see all its columns. <span id="count" '
            'aria-live="polite"></span></p>\n'
            f'<div id="choose">{selects}{ticks}</div><div id="bar"></div>\n'
            '<div id="plot"><div id="tip"></div></div>\n<div id="chosen" hidden><h3>The point</h3>'
            '<table><tbody id="point"></tbody></table></div>\n'
            f'<script type="application/json" id="data">{data}</script>\n')


def settings(run):
    """Every effective setting, versions, and what else the run has recorded."""
    if not run.settings:
        return "<p>The settings are not known: this run has no scan_input_used.json.</p>"
    def text(value):
        return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    parts = []
    for key, content in run.settings.items():
        if key in ("settings", "parameters", "format", "model"):
            continue
        rows = content.items() if isinstance(content, dict) else [(key, content)]
        parts += [(name if name == key else f"{key}: {name}", text(v)) for name, v in rows]
    rows = [(k, text(v)) for k, v in run.settings.get("settings", {}).items()]
    return (f"<h3>Versions, seed and input</h3>{table((), parts, about='versions')}<details>"
            f"<summary>all {len(rows)} settings</summary>{table((), rows, about='settings')}"
            "</details>")


def how(run):
    """The commands that continue the run, and what to cite."""
    known, folder = run.settings.get("settings", {}), run.folder.resolve()
    command = [*program().split(), run.model]
    if known.get("input_file"):
        command += ["--input", known["input_file"]]
    if folder.parent != result_folder():
        command += ["--output", str(folder.parent)]
    lines = [(command, "continue this run, if it was stopped"),
             ([*command, "--more", "5"], "five iterations more"),
             ([*program().split(), "plot", str(folder)], "draw this page again"),
             ([*program().split(), "predict", run.model, str(folder / "points.csv")],
              "predictions of the trained model")]
    text = "\n".join(f"{shlex.join(words)}    # {what}" for words, what in lines)
    cites = "".join(f"<li>{esc(c)}</li>" for c in citations(run))
    return f"<pre>{esc(text)}</pre>\n<p>Please cite:</p><ul>{cites}</ul>"


def citations(run):
    """What is to be cited: what the run said at its end, in its log, else the method."""
    log, said = run.folder / "log.txt", []
    if log.exists():
        said = [line for line in log.read_text(encoding="utf-8", errors="replace").splitlines()
                if "Please cite: " in line]
    return said[-1].partition("Please cite: ")[2].split("; ") if said else [METHOD]
