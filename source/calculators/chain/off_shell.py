"""h -> W W* and Z Z* for programs that read two daughters only.

HiggsBounds 5.10.1 and HiggsSignals 2.6.2 read the lines `2 24 -24` and `2 23 23` of a DECAY block
(extra_bits_for_SLHA.f90); the SPheno of the MSSM writes the decays to one boson and two fermions.
"""

from ..slha import Slha
from ..slha_decays import PAIRS
from ..slha_numbers import SlhaError
from ..verdicts import Failure

NEAR = (120.0, 130.0)   # GeV: the Higgs boson that is known decays to W W
NO_WW = "no decays to W W: "


def completed(text, codes):
    """The spectrum with lines of two bosons where it has those of one and two fermions only.

    Parameters
    ----------
    text : str
        A spectrum.
    codes : sequence of int
        PDG codes of the Higgs bosons.

    Raises
    ------
    Failure
        'bad_output': one of these lines is no branching ratio.
    """
    try:
        slha, lines = Slha(text), text.splitlines(keepends=True)
        found = [(decay, pair, decay.branching_ratio(pair)) for decay in _blocks(slha, codes)
                 for pair in PAIRS if not decay.lists(pair)]
    except SlhaError as error:
        raise Failure("bad_output", f"SPheno.spc: {error}") from None
    for decay, (one, two), ratio in sorted(found, key=lambda item: -item[0].first):
        if ratio > 0:
            lines.insert(decay.first, f"    {ratio:.8E}    2    {one}   {two}"
                         "   # sum of those of one boson and two fermions\n")
    return "".join(lines)


def missing(slha, codes):
    """A warning for a neutral boson near 125 GeV that does not decay to W W; '' without one.

    Parameters
    ----------
    slha : Slha
    codes : sequence of int
        PDG codes of the neutral Higgs bosons.
    """
    try:
        for decay in _blocks(slha, codes):
            code = int(decay.name.split()[1])
            mass = abs(slha.value("MASS", code))
            if NEAR[0] < mass < NEAR[1] and decay.branching_ratio(PAIRS[0]) == 0:
                return f"{NO_WW}{code} at {mass:.5g} GeV has BR(W W) = 0 in the spectrum"
    except SlhaError:
        return ""   # what reads the spectrum after this says so
    return ""


def _blocks(slha, codes):
    """The DECAY blocks of these particles, where there is one."""
    found = (slha.decays.get(("decay", code), ()) for code in codes)
    return [blocks[0] for blocks in found if len(blocks) == 1]
