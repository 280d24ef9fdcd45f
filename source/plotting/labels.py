"""Names of columns as LaTeX labels for axes, with their units."""

import functools
import re
from dataclasses import dataclass

import numpy as np

from ..shown import one_line

# Label and unit by name; names as in SARAH's THDM-II input and as the built-in calculators write.
KNOWN = {
    "chi2": (r"\chi^2", ""), "value": (r"\mathrm{value}", ""),
    # SARAH's THDM-II has Lambda1 |H1|^4 and + M12 (H1+ H2 + h.c.): half of and minus the usual ones
    "Lambda1Input": (r"\lambda_1/2", ""), "Lambda2Input": (r"\lambda_2/2", ""),
    "M12input": (r"-m_{12}^2", "GeV^2"), "M12inputt": (r"-m_{12}^2", "GeV^2"),
    "m12sq": (r"m_{12}^2", "GeV^2"),
    "TanBeta": (r"\tan\beta", ""), "tanb": (r"\tan\beta", ""), "alpha": (r"\alpha", ""),
    "cos_ba": (r"\cos(\beta-\alpha)", ""), "sin_ba": (r"\sin(\beta-\alpha)", ""),
    "mh": ("m_h", "GeV"), "mH": ("m_H", "GeV"), "mA": ("m_A", "GeV"),
    "mHp": (r"m_{H^\pm}", "GeV"), "width_h": (r"\Gamma_h", "GeV"),
    "width_H": (r"\Gamma_H", "GeV"), "width_A": (r"\Gamma_A", "GeV"),
    "width_Hp": (r"\Gamma_{H^\pm}", "GeV"), "kappa_gam": (r"\kappa_\gamma", ""),
    "kappa_Zgam": (r"\kappa_{Z\gamma}", ""), "kappa_lam": (r"\kappa_\lambda", ""),
    "S": ("S", ""), "T": ("T", ""), "U": ("U", ""),
}
GREEK = ["alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota",
         "kappa", "lambda", "mu", "nu", "xi", "pi", "rho", "sigma", "tau", "upsilon",
         "phi", "chi", "psi", "omega"]
_LAMBDA = re.compile(r"[Ll]ambda_?(\d)(?:[Ii]nput)?")
_NUMBERED = re.compile(r"([A-Za-z]+?)_?(\d+)")


def label(name, tex=""):
    """Text for an axis.

    Parameters
    ----------
    name : str
        A column of points.csv; data, never markup.
    tex : str
        The user's own label (VarTeX), with its dollar signs; '' for the default.

    Returns
    -------
    label, unit : str
        Label fit for matplotlib's mathtext, and the unit in the same form ('' where none).
    """
    if tex and is_tex(tex):
        return tex, ""
    if name in KNOWN:
        symbol, unit = KNOWN[name]
        return f"${symbol}$", f"${{\\rm {unit}}}$".replace("^2", "}^2{") if unit else ""
    found = _LAMBDA.fullmatch(name)
    if found:
        return rf"$\lambda_{found[1]}$", ""
    found = _NUMBERED.fullmatch(name)
    if found and (len(found[1]) == 1 or found[1].lower() in GREEK):
        return f"${_symbol(found[1])}_{{{found[2]}}}$", ""
    if name.lower() in GREEK:
        return f"${_symbol(name)}$", ""
    return plain(name), ""


def unit_text(unit):
    """A unit as the user writes it, 'GeV^2' or with dollar signs, for an axis."""
    if "$" in unit and is_tex(unit):
        return unit
    parts = re.split(r"\^\{?(-?\d+)\}?", unit.replace("%", r"\%").replace(" ", r"\ "))
    text = "".join(f"^{{{part}}}" if k % 2 else rf"{{\rm {part}}}"
                   for k, part in enumerate(parts) if part)
    return f"${text}$" if is_tex(f"${text}$") else plain(unit)


def latex(name, words):
    """The label `words` of a column (as `label` gives it) as text of LaTeX.

    Beside its mathematics a user's label may have % & # _ or half a pair of braces: a picture
    shows them as they are, and here they would break the table.
    """
    if words != plain(name):
        parts = re.split(r"(?<!\\)\$", words)
        for k, part in enumerate(parts[::2]):
            braces = "" if part.count("{") == part.count("}") else "{}"
            parts[2 * k] = re.sub(rf"(?<!\\)([%&#_{braces}])", r"\\\1", part)
        return "$".join(parts)
    return re.sub(r"([_%&#{}$])", r"\\\1", one_line(name).replace("\\", ""))


@dataclass(frozen=True)
class Axis:
    """How a column is drawn: its text, and the numbers that stand on the axis.

    Attributes
    ----------
    name : str
    symbol, unit : str
        As `label` gives them.
    power : int
        Values are divided by ten to this power, which stands in the text: tick labels stay short.
    log : bool
        A logarithmic axis: places are decimal logarithms, tick labels are values (ticks.py).
    sign : float
        Of the values on a logarithmic axis, 1 or -1.
    """

    name: str
    symbol: str
    unit: str
    power: int = 0
    log: bool = False
    sign: float = 1.0

    @property
    def text(self):
        """Label of the axis."""
        unit = self.unit
        if self.power:
            unit = f"$10^{{{self.power}}}$" + (f" {unit}" if unit else "")
        return f"{self.symbol} [{unit}]" if unit else self.symbol

    def __call__(self, values):
        """Places on the axis of physical `values`; NaN where there is no logarithm."""
        values = np.asarray(values, float)
        if not self.log:
            return values / 10.0**self.power
        size = np.where(self.sign * values > 0, self.sign * values, np.nan)
        return self.sign * np.log10(size)

    def value(self, places):
        """Physical values at `places` of the axis."""
        if not self.log:
            return np.asarray(places, float) * 10.0**self.power
        return self.sign * 10.0 ** (self.sign * np.asarray(places, float))


def make_axis(name, words, largest, log=False, sign=1.0):
    """The `Axis` of column `name`.

    Parameters
    ----------
    words : (label, unit)
    largest : float
        Largest absolute value that is drawn.
    log : bool
    sign : float
        1 or -1: that of the values on a logarithmic axis.
    """
    power = 0
    if np.isfinite(largest) and largest > 0 and not log:
        power = int(np.floor(np.log10(largest) + 1e-9))
    power = power if power >= 4 or power <= -3 else 0
    first, second = words
    return Axis(name, first, second, power, log, sign)


def picture_name(column):
    """A column as a part of the name of a file."""
    return "".join(c if c.isalnum() or c in "-." else "_" for c in column)


def plain(text):
    """`text` as it stands: nothing in it is markup to matplotlib."""
    return one_line(text).replace("\\", r"\\").replace("$", r"\$")


@functools.lru_cache(1000)     # each picture asks for the labels of its columns again
def is_tex(text):
    """True when matplotlib's own mathtext can draw `text`."""
    from matplotlib.mathtext import MathTextParser
    if not text.isprintable():
        return False
    try:
        MathTextParser("path").parse(text)
    except ValueError:
        return False
    return True


def _symbol(letter):
    return "\\" + letter.lower() if letter.lower() in GREEK else letter
