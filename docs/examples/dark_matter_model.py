"""A toy model for dark_matter_toy.py: a fermion coupled to the SM through a vector boson.

All formulas are leading-order estimates. They only show how a scan works.
"""

from math import pi

GEV2_TO_CM2 = 3.894e-28         # 1 GeV^-2 in cm^2
THERMAL = 2.6e-9                # GeV^-2, annihilation cross-section for omega = 0.12
PROTON = 0.938                  # GeV


def evaluate(point):
    """Relic density (omega h^2), nucleon cross-section (cm^2) and mediator width (GeV)."""
    m, mediator, g = point['m_dm'], point['m_med'], point['g']
    open_decay = max(0.0, 1 - 4 * m**2 / mediator**2)
    width = g**2 * mediator / (12 * pi) * (1 + open_decay**1.5)
    pole = (mediator**2 - 4 * m**2)**2 + (mediator * width)**2
    annihilation = g**4 * m**2 / (2 * pi * pole)
    reduced = m * PROTON / (m + PROTON)
    nucleon = 1e-4 * g**4 * reduced**2 / (pi * mediator**4) * GEV2_TO_CM2
    return {'omega': 0.12 * THERMAL / annihilation, 'sigma_SI': nucleon, 'width': width}
