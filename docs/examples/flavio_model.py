"""b -> s gamma in the type-II two-Higgs-doublet model with flavio, for flavio_step.py."""

from math import log

SCALE, MT = 160.0, 163.0        # GeV: the scale of C7 and C8, and the top mass there


def loops(y):
    """Leading-order loop functions of Ciuchini et al., hep-ph/9710335, at y = mt^2 / mH+^2."""
    f71 = y*(7 - 5*y - 8*y**2)/(24*(y - 1)**3) + y**2*(3*y - 2)/(4*(y - 1)**4)*log(y)
    f72 = y*(3 - 5*y)/(12*(y - 1)**2) + y*(3*y - 2)/(6*(y - 1)**3)*log(y)
    f81 = y*(2 + 5*y - y**2)/(8*(y - 1)**3) - 3*y**2/(4*(y - 1)**4)*log(y)
    f82 = y*(3 - y)/(4*(y - 1)**2) - y/(2*(y - 1)**3)*log(y)
    return f71, f72, f81, f82


def coefficients(charged_mass, tanb):
    """Contributions of the charged Higgs boson to C7 and C8."""
    f71, f72, f81, f82 = loops(MT**2 / charged_mass**2)
    return {'C7_bs': f71/(3*tanb**2) + f72, 'C8_bs': f81/(3*tanb**2) + f82}


def bsgamma(spectrum, point):
    """The step. `point` is a dict of all numbers so far. There is no SLHA spectrum here."""
    import flavio
    from wilson import Wilson
    wilson = Wilson(coefficients(point['mHp'], point['TanBeta']), scale=SCALE, eft='WET',
                    basis='flavio')
    return {'BR_bsgamma': flavio.np_prediction('BR(B->Xsgamma)', wilson)}
