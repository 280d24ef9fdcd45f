"""What can be wrong with priors, formulas and pre-cuts, in words a user can act on."""

from difflib import get_close_matches

import numpy as np

from ..space.expressions import Expression, ExpressionError, identifier, unknown_names
from ..space.parameters import (
    NAMED,
    Box,
    clean_label,
    evaluation_order,
    make_parameter,
    needs,
    prior_texts,
)
from ..space.priors import PRIORS, Dependent, PriorError, prior_class

DRAWS = 1_000_000   # points of the prior on which a pre-cut is tried before the scan,
PASSING = 10        # until so many have passed; with fewer there would be no candidates
BLOCK = 100_000     # of them at a time


def problems(labels, low, high, entries, precuts):
    """Everything that is wrong with the parameters.

    Parameters
    ----------
    labels, low, high : sequences, one entry for each parameter
    entries, precuts : sequences of str
        VarPrior and Precut.

    Returns
    -------
    list of (setting, index, str)
    """
    names = [clean_label(label) for label in labels]
    texts, wrong = prior_texts(names, entries)
    if wrong:
        return [("VarPrior", i, text) for i, text in wrong]
    places, named = _places(names, entries)
    parameters, found = [], []
    for i, name in enumerate(names):
        try:
            parameters.append(make_parameter(name, low[i], high[i], texts[i]))
        except PriorError as error:
            key, index = ("VarPrior", places[i]) if named[i] else ("VarMin", i)
            found.append((key, index, f"{name}: {error}. Correct its prior or its range."))
    if not found:
        found = _formula_problems(parameters, places) or _cut_problems(parameters, precuts)
    if not found and not any(p.prior.free for p in parameters):
        found = [("VarPrior", None, "nothing is scanned: all parameters are fixed or formulas. "
                  "Give one of them a range.")]
    return found


def scanned_ranges(labels, low, high, entries):
    """Indices of the parameters that need VarMin and VarMax, by their priors.

    Where an entry of VarPrior is wrong, those without a range may be meant by it: left out.
    """
    texts, wrong = prior_texts([clean_label(label) for label in labels], entries)
    return [i for i, text in enumerate(texts) if prior_class(text).needs_range
            and not (wrong and None in (low[i], high[i]))]


def _places(names, entries):
    """Index in VarPrior of the entry of each parameter, and whether it has one."""
    places, named = list(range(len(names))), [i < len(entries) for i in range(len(names))]
    words = [identifier(name) for name in names]
    matches = [NAMED.match(entry) for entry in entries]
    found = [match for match in matches if match]
    if matches and len(found) == len(matches):
        named = [False] * len(names)
        for i, match in enumerate(found):
            place = words.index(identifier(clean_label(match[1])))
            places[place], named[place] = i, True
    return places, named


def _formula_problems(parameters, places):
    words = [identifier(p.name) for p in parameters]
    found: list[tuple] = []
    for i, p in enumerate(parameters):
        if isinstance(p.prior, Dependent):
            for clause in unknown_names(p.prior.expression, words):
                word = clause.split()[0]
                close = get_close_matches(word.lower(), PRIORS, 1)
                hint = f" The priors are {', '.join(PRIORS)}." if close or word == p.text else ""
                found.append(("VarPrior", places[i], f"{p.name} = {p.text}: {clause}.{hint}"))
    if not found and evaluation_order(parameters) is None:
        rings = [i for i, p in enumerate(parameters) if isinstance(p.prior, Dependent)
                 and _in_ring(i, parameters)]
        ring = ", ".join(f"{parameters[i].name} = {parameters[i].text}" for i in rings)
        found.append(("VarPrior", places[rings[0]], f"these formulas need each other: {ring}. "
                      "Scan one of these parameters, or fix it."))
    return found


def _in_ring(start, parameters):
    """True when the formula of a parameter leads back to it."""
    seen, todo = set(), [start]
    while todo:
        i = todo.pop()
        if isinstance(parameters[i].prior, Dependent):
            for j in needs(i, parameters):
                if j == start:
                    return True
                if j not in seen:
                    seen.add(j)
                    todo.append(j)
    return False


def _cut_problems(parameters, precuts):
    words = [identifier(p.name) for p in parameters]
    found: list[tuple] = []
    for i, text in enumerate(precuts):
        try:
            found += [("Precut", i, f"Precut {text!r}: {clause}. It may only use the parameters.")
                      for clause in unknown_names(Expression(text), words)]
        except ExpressionError as error:
            found.append(("Precut", i, f"Precut: {error}."))
    box = Box(parameters, precuts) if not found else None
    if box and box.precut and box.dim:
        passed = _passing(box)
        if passed < PASSING:
            what = f"Precut = {', '.join(map(repr, precuts))}" if precuts else "the formulas"
            key = "Precut" if precuts else "VarPrior"
            found.append((key, None, f"{passed or 'not one'} of {DRAWS} random points passes "
                          f"{what}, but {PASSING} are needed. Correct it, or narrow the ranges, "
                          "or make a parameter a formula of the others."))
    return found


def _passing(box):
    """How many points of the prior are allowed; no more are drawn once they are enough."""
    rng, passed = np.random.default_rng(0), 0
    for _ in range(DRAWS // BLOCK):
        if passed < PASSING:
            passed += int(box.allowed(rng.random((BLOCK, box.dim))).sum())
    return passed
