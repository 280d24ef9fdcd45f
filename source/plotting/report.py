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
from ..shown import escaped
from ..statistics.ranges import cut_ranges
from ..statistics.unseen import unseen
from ..store.folders import result_folder
from ..version import METHOD
from .report_data import points_as_json

ASSETS = Path(__file__).resolve().parent / "assets"
NAME = "report.html"
BEST = 8            # best points in the table
REASONS = 4         # most frequent reasons shown for each status
SECTIONS = {"scanned": "What was scanned", "found": "Best points",
            "failed": "Constraints and failures", "scatter": "Any two columns",
            "pictures": "Pictures", "settings": "Settings and versions", "how": "Go on, and cite"}


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
    parts = {"scanned": scanned(run), "found": best_points(run), "failed": failed(run),
             "scatter": interactive(run), "pictures": figures(pictures),
             "settings": settings(run), "how": how(run)}
    links = "".join(f'<a href="#{key}">{esc(title)}</a>' for key, title in SECTIONS.items())
    body = "".join(f'<section id="{key}"><h2>{esc(SECTIONS[key])}</h2>{part}</section>\n'
                   for key, part in parts.items())
    page = (f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">\n'
            f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            f'<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
            f'img-src data:; style-src \'unsafe-inline\'; script-src \'unsafe-inline\'">\n'
            f"<title>{esc(run.folder.name)}</title>\n"
            f"<style>{_asset('uPlot.min.css')}{_asset('report.css')}</style></head>\n<body>\n"
            f"<h1>Scan {esc(run.folder.resolve().name)}</h1>\n{headline(run)}{cuts(run)}{left(run)}"
            f"<nav>{links}</nav>\n"
            f"{body}<script>{_asset('uPlot.iife.min.js')}</script>\n"
            f"<script>{_asset('report.js')}</script>\n</body></html>\n")
    path = run.folder / NAME
    write_atomic(path, page)
    return path


def esc(text):
    """Any text as text, whatever stands in it; what is not printed as an escape."""
    return html.escape(escaped(text), quote=True)


def _asset(name):
    return (ASSETS / name).read_text(encoding="utf-8")


def table(header, rows, numeric=()):
    """An HTML table of plain texts; columns in `numeric` are set flush right."""
    def line(cells, tag):
        marks = [' class="n"' if i in numeric else "" for i in range(len(cells))]
        return "<tr>" + "".join(f"<{tag}{m}>{esc(c)}</{tag}>"
                                for c, m in zip(cells, marks, strict=True)) + "</tr>"
    head = f"<thead>{line(header, 'th')}</thead>" if header else ""
    return (f'<div class="wide"><table>{head}<tbody>'
            f"{''.join(line(r, 'td') for r in rows)}</tbody></table></div>\n")


def number(value):
    """Six digits, or a dash where there is no number."""
    return f"{value:.6g}" if np.isfinite(value) else "–"


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
    return "".join(f"<p><b>{esc(line)}.</b> Widen it, unless that end is meant.</p>\n"
                   for line in lines)


def left(run):
    """How large a part of the target may be left that no point has met."""
    lines = unseen(run.unit(), run.table["origin"], run.inside,
                   [(n, run.priors[n]) for n in run.scanned])
    return "".join(f"<p>{esc(line)}.</p>\n" for line in lines)


def scanned(run):
    """Calculator, model, target and the table of parameters."""
    known = run.settings.get("settings", {})
    low, high = run.band
    target = f"{run.value_name} between {low:g} and {high:g}" if np.isfinite(low) else \
        f"{run.value_name} below {high:g}" if np.isfinite(high) else "column in_target"
    facts = [("calculator", known.get("Calculator", "not recorded")), ("model", run.model),
             ("target", target), ("folder", run.folder.resolve())]
    entries = {p.get("name"): p for p in run.settings.get("parameters", [])}
    rows = []
    for name in run.parameters:
        p, values = entries.get(name, {}), run.table[name][run.inside]
        spans = [number(v) for v in (values.min(), values.max())] if len(values) else ["–", "–"]
        ends = [f"{p[k]:g}" if isinstance(p.get(k), int | float) else "–" for k in ("low", "high")]
        rows.append((name, *ends, p.get("prior", "–"), *spans))
    return table((), facts) + table(
        ("parameter", "from", "to", "prior", "smallest in target", "largest in target"), rows,
        (1, 2, 4, 5))


def best_points(run):
    """The best points with everything that is known of them, one column each."""
    distance = run.distance
    order = np.argsort(np.where(np.isfinite(distance), distance, np.inf), kind="stable")[:BEST]
    order = order[np.isfinite(distance[order])]
    if not len(order):
        return "<p>No point was evaluated without failing.</p>"
    first = "" if run.inside[order].any() else \
        "<p>No point is in the target; these come nearest.</p>"
    names = (run.value_name, *run.parameters, *run.observables, "predicted", "iteration", "origin")
    rows = [(name, *(number(v) if run.table[name].dtype != object else v
                     for v in run.table[name][order])) for name in names]
    ids = [f"id {i}" for i in run.table["id"][order]]
    return first + table(("", *ids), rows, range(1, len(ids) + 1))


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
    return table(("status", "points", "share", "example", "most frequent reasons"), rows, (1, 2)) \
        + ('<p class="small">A point that failed is never in the target. Its full reason stands '
           "in the column <code>reason</code> of points.csv.</p>")


def figures(pictures):
    """The PNGs, inside the page."""
    parts = []
    for name, text, path in pictures:
        data = base64.b64encode(Path(path).read_bytes()).decode()
        parts.append(f'<figure><img alt="{esc(text)}" src="data:image/png;base64,{data}">'
                     f"<figcaption>{esc(text)} (<code>pictures/{esc(name)}.pdf</code>)"
                     "</figcaption></figure>\n")
    return "".join(parts) or "<p>No picture could be drawn.</p>"


def interactive(run):
    """The scatter: its controls and the points."""
    data, kept = points_as_json(run)
    said = f"All {kept:,} points are in this page." if kept == len(run) else (
        f"This page holds {kept:,} of the {len(run):,} points: those in the target as far as they "
        "fit, and a random choice of the others.")
    selects = "".join(f'<label>{text} <select id="{key}"></select></label> '
                      for key, text in (("x", "x"), ("y", "y"), ("c", "colour")))
    ticks = "".join(f'<label><input type="checkbox" id="{key}"> {text}</label> ' for key, text in (
        ("logx", "log x"), ("logy", "log y"), ("logc", "log colour"), ("good", "in target only")))
    return (f'<p class="small">{said} Drag to zoom, double click to go back, click on a point for '
            'all its columns. <span id="count"></span></p>\n'
            f'<div id="choose">{selects}{ticks}</div><div id="bar"></div>\n'
            '<div id="plot"><div id="tip"></div></div>\n<div id="chosen" hidden><h3>The point</h3>'
            '<table><tbody id="point"></tbody></table></div>\n'
            f'<script type="application/json" id="data">{data}</script>\n')


def settings(run):
    """Every effective setting, versions, and what else the run has recorded."""
    if not run.settings:
        return "<p>This run has no scan_input_used.json.</p>"
    def shown(value):
        return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    parts = []
    for key, content in run.settings.items():
        if key in ("settings", "parameters", "format", "model"):
            continue
        rows = content.items() if isinstance(content, dict) else [(key, content)]
        parts += [(name if name == key else f"{key}: {name}", shown(v)) for name, v in rows]
    rows = [(k, shown(v)) for k, v in run.settings.get("settings", {}).items()]
    return (table((), parts) + f"<details><summary>all {len(rows)} settings</summary>"
            f"{table((), rows)}</details>")


def how(run):
    """The commands that go on with the run, and what to cite."""
    known, folder = run.settings.get("settings", {}), run.folder.resolve()
    command = [*program().split(), run.model]
    if known.get("input_file"):
        command += ["--input", known["input_file"]]
    if folder.parent != result_folder():
        command += ["--output", str(folder.parent)]
    lines = [(command, "go on with this run, if it was stopped"),
             ([*command, "--more", "5"], "five iterations more"),
             ([*program().split(), "plot", str(folder)], "draw this page anew"),
             ([*program().split(), "predict", run.model, str(folder / "points.csv")],
              "ask the trained model")]
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
