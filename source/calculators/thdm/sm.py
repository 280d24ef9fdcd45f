"""Standard Model inputs of the THDM calculator, each with its source.

GeV everywhere. G_F and M_Z are those of the Les Houches template that the original scanner
ships (LesHouches.in.THDMII_low), so that tree-level masses agree with SPheno run on it.
"""

import math

G_FERMI = 1.16637e-5          # GeV^-2
M_Z = 91.1887
M_W = 80.379                  # PDG 2018-2022 average, doi:10.1093/ptep/ptac097
V = (math.sqrt(2.0) * G_FERMI) ** -0.5   # 246.2206 GeV
SIN2_W = 1.0 - (M_W / M_Z) ** 2          # on-shell
COS2_W = 1.0 - SIN2_W
ALPHA_0 = 1.0 / 137.035999    # Thomson limit, for real photons
ALPHA_S_MZ = 0.118            # arXiv:1610.07922 (Yellow Report 4), table 1

# Fermion masses: pole masses of t, b, c as in Yellow Report 4 (arXiv:1610.07922, table 1 and
# section I.1), MSbar masses m_b(m_b), m_c(3 GeV) from the same place; leptons and light quarks
# from the PDG, doi:10.1093/ptep/ptac097.
M_T = 172.5
M_B_POLE = 4.92
M_C_POLE = 1.51
M_B_MB = 4.18
M_C_3GEV = 0.986
M_S_2GEV = 0.0934
M_TAU = 1.77686
M_MU = 0.1056583745

GAMMA_W = 2.085
GAMMA_Z = 2.4952
