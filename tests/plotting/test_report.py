"""report.html: complete, self-contained, harmless, and alive in a real browser."""

import base64
import html.parser
import json
import re
import shutil
import subprocess

import numpy as np
import pytest

from mlscanner.files import program
from mlscanner.plotting import report, report_data
from mlscanner.plotting.html_labels import html_label
from mlscanner.plotting.plot_data import load_run
from plot_runs import make_run

EVIL = '</script ><script>document.title="hit"</script><img src=x onerror=alert(1)>'
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--no-first-run", "--hide-scrollbars",
         "--window-size=1100,3000", "--virtual-time-budget=5000")


class Page(html.parser.HTMLParser):
    """Tags, addresses and text of a page."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.addresses, self.words = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.addresses += [v for k, v in attributes if k in ("src", "href", "data", "action")]

    def handle_data(self, data):
        self.words.append(data)


def written(folder, **run):
    run = load_run(make_run(folder, **{"n": 80, **run}))
    return run, report.write_report(run, []).read_text(encoding="utf-8")


def test_page_has_all_that_is_promised(tmp_path):
    """Parameters, target, settings, versions, statuses, best points with all observables, how to
    resume and what to cite."""
    run, text = written(tmp_path / "DNNR")
    words = "\n".join(Page(text).words)
    for word in (*run.parameters, *run.observables, "chi2 below 6", "Chi_square_threshold",
                 "numpy", "tachyon", "a <b>reason</b> & more", "arXiv:2207.09959",
                 f"{program()} DNNR --input 'my input.py'", "--more 5"):
        assert word in words, word
    best = int(run.table["id"][np.nanargmin(run.distance)])
    assert words.index(f"id {best}") > 0


def test_page_begins_with_the_ranges_that_cut_the_target(tmp_path):
    """Above everything else, and not at all where the target lies within the ranges."""
    run, text = written(tmp_path / "DNNR", n=400, dim=2)
    assert "target reaches" not in text
    run.table["in_target"] = np.where(run.ok & (run.unit()[:, 0] > 0.4), 1, 0)
    text = report.write_report(run, []).read_text(encoding="utf-8")
    assert f"{run.parameters[0]}: the target reaches the upper end (10, " in text
    assert text.index("target reaches") < text.index("<nav")


def test_page_tells_how_large_a_part_may_be_left(tmp_path):
    """Above everything else: the share of the box that the points drawn over it would have hit."""
    run, text = written(tmp_path / "DNNR", n=400, dim=2)
    drawn = int(np.isin(run.table["origin"], ["design", "random"]).sum())
    assert drawn > 0
    assert f"{drawn} random points cover the scanned ranges" in text
    assert text.index("Is a part of the target missing?") < text.index("<nav")


def test_page_needs_no_network(tmp_path):
    """No address but parts of the page itself and data; the policy forbids all others."""
    _, text = written(tmp_path / "DNNR")
    assert all(a.startswith(("#", "data:", "pictures/")) for a in Page(text).addresses)
    assert "default-src 'none'" in text
    for own in ("report.js", "report.css"):
        assert not re.search(r"https?://|@import|url\(|fetch\(|XMLHttp", report._asset(own))


def test_names_and_reasons_are_text(tmp_path):
    """Markup in a reason, a name of a parameter or of a folder is shown, never obeyed."""
    names = ("Lambda1Input", EVIL.replace(",", ""), "x'\"&amp;")
    _run, text = written(tmp_path / "DNNR", reason=EVIL, names=names)
    page = Page(text)
    assert page.tags.count("script") == 3
    assert "img" not in page.tags
    assert EVIL in "\n".join(page.words)


def test_points_in_the_page_are_those_of_the_run(tmp_path):
    """Every column is there, with its numbers; words become numbers with their list."""
    run = load_run(make_run(tmp_path / "DNNR", n=80))
    text, kept = report_data.points_as_json(run)
    assert kept == 80
    columns = {c["name"]: c for c in json.loads(text)["columns"]}
    assert set(columns) == set(run.table) - {"reason"}
    for name, column in columns.items():
        stored = np.frombuffer(base64.b64decode(column["data"]), "<f4")
        if "kinds" in column:
            assert [column["kinds"][int(i)] for i in stored] == run.table[name].tolist()
        else:
            assert np.allclose(stored, run.table[name], rtol=1e-6, equal_nan=True)


@pytest.mark.parametrize("most", [10, 60, 299, 300])
def test_many_points_are_thinned(tmp_path, most):
    """So many are kept as may be, none twice, those in the target first, the same each time."""
    run = load_run(make_run(tmp_path / "DNNR", n=300))
    rows = report_data.chosen_points(run, most)
    assert len(rows) == len(set(rows)) == most
    kept, all_good = run.inside[rows].sum(), run.inside.sum()
    assert kept >= min(all_good, most // 2)
    assert (rows == report_data.chosen_points(run, most)).all()


def test_thinning_is_said(tmp_path, monkeypatch):
    """The page says how many of the points it holds."""
    monkeypatch.setattr(report_data, "MOST_POINTS", 30)
    _, text = written(tmp_path / "DNNR")
    assert "This page holds 30 of the 80 points" in text


@pytest.mark.parametrize("run", [{"settings": False}, {"offset": 1e4}, {"n": 1, "iterations": 1},
                                 {"model": "DNNC"}, {"dim": 1}])
def test_page_of_unusual_runs(tmp_path, run):
    """Without settings, without a good point, with one point, for a classifier: a whole page."""
    _, text = written(tmp_path / "DNNR", **run)
    assert text.endswith("</html>\n")
    assert "nan" not in "\n".join(Page(text.partition('<script type="application/json"')[0]).words)


def test_citations_of_the_log_are_used(tmp_path):
    """What the scan said is to be cited stands in the page."""
    folder = make_run(tmp_path / "DNNR", n=5)
    (folder / "log.txt").write_text("2026  Please cite: the method; arXiv:1106.0034\n")
    assert report.citations(load_run(folder)) == ["the method", "arXiv:1106.0034"]


def test_vendored_library_has_its_licence():
    """uPlot stands in the repository with its MIT licence, and is small."""
    assert "MIT License" in (report.ASSETS / "uPlot.LICENSE").read_text()
    assert (report.ASSETS / "uPlot.iife.min.js").stat().st_size < 100_000


def browser():
    name = next(filter(None, map(shutil.which, BROWSERS)), None)
    if name is None:
        pytest.skip("no Chromium here (Debian: apt install chromium)")
    return name


def in_browser(page, tmp_path, *more, fragment=""):
    """What Chromium prints about the page."""
    done = subprocess.run([browser(), *FLAGS, f"--user-data-dir={tmp_path / 'profile'}", *more,
                           page.as_uri() + fragment], capture_output=True, text=True, timeout=120,
                          check=False)
    assert done.returncode == 0, done.stderr[-500:]
    return done.stdout


@pytest.mark.slow
def test_scatter_is_alive_in_a_real_browser(tmp_path):
    """Chromium draws the points of the columns in the address, with the log axes asked for; the
    picture has their colours; markup in names and reasons does nothing."""
    browser()
    run, _ = written(tmp_path / "DNNR", reason=EVIL, names=("Lambda1Input", EVIL.replace(",", ""),
                                                            "x3"))
    page = run.folder / "report.html"
    fragment = "#x=mass&y=rate&c=chi2&log=yc&good=1"
    dom = in_browser(page, tmp_path, "--dump-dom", fragment=fragment)
    assert f'data-drawn="{int(run.inside.sum())}"' in dom
    assert "<title>Scan DNNR: " in dom and "hit</title>" not in dom
    chosen = re.findall(r"(\d+) points are drawn", dom)
    assert chosen == [str(int(run.inside.sum()))]
    shot = tmp_path / "page.png"
    in_browser(page, tmp_path, f"--screenshot={shot}", fragment=fragment)
    from PIL import Image
    with Image.open(shot) as image:
        colours = {c for _, c in image.convert("RGB").getcolors(1 << 24)}
    assert any(abs(r - 68) < 12 and g < 20 and abs(b - 90) < 20 for r, g, b in colours)


def contrast(one, other):
    """Ratio of two colours '#rrggbb' by WCAG 2.1: (L1 + 0.05) / (L2 + 0.05)."""
    def light(colour):
        parts = [int(colour[i:i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055)**2.4 for c in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    bright, dark = sorted((light(one), light(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_text_has_contrast_in_both_schemes(scheme):
    """At least 4.5, as WCAG AA asks for, on the page and on code; lines that matter at least 3."""
    root = re.findall(r":root \{(.*?)\}", report._asset("report.css"), re.DOTALL)[scheme]
    colours = dict(re.findall(r"--(\w+): (#\w{6})", root))
    for ground in ("ground", "code"):
        for text in ("text", "quiet", "link"):
            assert contrast(colours[text], colours[ground]) >= 4.5, (text, ground)
    assert contrast(colours["accent"], colours["ground"]) >= 3
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


def test_page_is_in_the_order_of_a_reader(tmp_path):
    """What was scanned and found, three figures, best points; then how it went and how to go on."""
    run = load_run(make_run(tmp_path / "DNNR", n=80))
    pictures = []
    for name in ("time", "corner", "progress", "profiles"):
        path = tmp_path / f"{name}.png"
        path.write_bytes(name.encode())
        pictures.append((name, f"what {name} shows", path))
    text = report.write_report(run, pictures).read_text(encoding="utf-8")
    parts = ["<h1>Scan DNNR: ", "scanned 3 parameters", 'id="figures"', "what corner", "what prog",
             "what profiles", 'id="found"', 'id="scanned"', 'id="failed"', 'id="scatter"',
             "what time", 'id="how"', "Versions, seed and input"]
    places = [text.index(part) for part in parts]
    assert places == sorted(places)
    assert 'href="pictures/corner.pdf"' in text


def test_best_points_differ(tmp_path):
    """Two points at the same place are one benchmark point; the best comes first."""
    run = load_run(make_run(tmp_path / "DNNR", n=80))
    rows = report.best_rows(run)
    assert run.distance[rows[0]] == np.nanmin(run.distance)
    for name in run.parameters:
        run.table[name][:] = run.table[name][rows[0]]
    run.table["id"] = run.table["id"].copy()
    assert len(report.best_rows(load_run(make_run(tmp_path / "other", n=80)))) > 1
    assert report.best_rows(run)[:1] == rows[:1]
    assert len(report.best_rows(run)) == 1


@pytest.mark.parametrize(("symbol", "expected"), [
    (r"$\lambda_1$", "λ<sub>1</sub>"), (r"$m_{H^\pm}$", "m<sub>H<sup>±</sup></sub>"),
    (r"$\tan\beta$", "tan β"), (r"\$x & y", "$x &amp; y"), ("a_1", "a_1"),
    (r"$m_{12}^2$", "m<sub>12</sub><sup>2</sup>"), (r"$\Gamma_h$", "Γ<sub>h</sub>"),
    ("$<b>$", "&lt;b&gt;")])
def test_labels_of_axes_stand_in_the_tables(symbol, expected):
    """LaTeX becomes HTML, and markup stays text."""
    assert html_label(symbol) == expected


@pytest.fixture(scope="module")
def chromium():
    """A browser, which takes a second to start."""
    playwright = pytest.importorskip("playwright.sync_api", reason="no playwright here")
    with playwright.sync_playwright() as player:
        try:
            chromium = player.chromium.launch(      # that of the system, or its own
                executable_path=shutil.which("chromium") or shutil.which("google-chrome"),
                args=["--no-sandbox"])
        except playwright.Error as error:
            pytest.skip(f"no Chromium of playwright here: {str(error).splitlines()[0]}")
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def report_page(tmp_path_factory):
    """The address of a page."""
    return (written(tmp_path_factory.mktemp("page") / "DNNR")[0].folder / "report.html").as_uri()


@pytest.mark.slow
@pytest.mark.parametrize("width", [400, 768, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_page_fits_in_a_real_browser(chromium, report_page, width, scheme):
    """At this width nothing is wider than the page, no cell has a letter a line, and what is
    scrolled or clicked can be reached by keyboard."""
    with chromium.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme) as page:
        page.goto(report_page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        narrow = page.evaluate("Math.min(...[...document.querySelectorAll('td')]"
                               ".map((c) => c.clientWidth))")
        assert narrow >= 40
        missing = {"wide", "x", "y", "c", "logx", "good", "which"}
        for _ in range(60):
            page.keyboard.press("Tab")
            missing.discard(page.evaluate("document.activeElement.id || "
                                          "document.activeElement.className"))
            if not missing:
                break
        assert not missing
        page.fill("#which", "3")
        page.keyboard.press("Tab")
        assert page.inner_text("#point").split()[:2] == ["id", "3"]
