"""Settings of the built-in two-Higgs-doublet model."""

from .checks import flag, list_of, number, one_of, optional, text
from .settings_base import section, setting


@section
class Thdm:
    """Built-in Higgs sectors (Calculator = 'THDM', 'Singlet', 'Inert')"""

    THDM_type: str = setting("II", one_of("I", "II", "X", "Y"), "Yukawa couplings: type 'I', "
        "'II', 'X' (lepton-specific) or 'Y' (flipped).")
    THDM_basis: str = setting("lambda", one_of("lambda", "physical", "mass"), "Names in VarLabel: "
        "'lambda' for Lambda1Input ... Lambda5Input, M12input, TanBeta as in SARAH's THDM-II; "
        "'physical' for mh, mH, mA, mHp (GeV), cos_ba = cos(beta - alpha), TanBeta, m12sq (GeV^2); "
        "'mass' for the same with M = sqrt(m12sq / (sin beta cos beta)) (GeV) instead of m12sq.")
    THDM_fixed: tuple = setting([], list_of(text(empty=False)), "Inputs that are not scanned: "
        "['Lambda5Input = 0', ...].")
    THDM_mh_theory_uncertainty: float = setting(3.0, number(0), "Uncertainty in GeV of the "
        "tree-level m_h, added in quadrature to the measured one.")
    THDM_signals: tuple = setting(["run1", "atlas", "cms"], list_of(one_of("run1", "atlas",
        "cms", "run2_full")), "Published signal strengths that enter the chi2; ['run1', "
        "'run2_full'] are the newest. 'run2_full' contains the data of 'atlas' and 'cms'.")
    THDM_oblique: bool = setting(True, flag(), "S, T, U enter the chi2.")
    THDM_oblique_fit: str = setting("gfitter2018", one_of("gfitter2018", "pdg2024"), "Which fit of "
        "S, T, U: Gfitter, arXiv:1803.01853, or that of the PDG 2024, the newest.")
    THDM_perturbativity: float = setting(12.566, number(above=0), "Largest allowed |lambda_i| "
        "(lambda_1 = 2 Lambda1Input); 4 pi.")
    THDM_unitarity: float = setting(25.133, number(above=0), "Largest allowed eigenvalue of the "
        "tree-level 2 -> 2 scattering matrix; 8 pi.")
    THDM_vacuum: bool = setting(True, flag(), "Points whose minimum is not the deepest fail.")
    THDM_flavour: bool = setting(False, flag(), "Points beyond the limits of b -> s gamma and "
        "B -> mu mu are excluded.")
    THDM_bsgamma_limit: float | None = setting(None, optional(number(80)), "Limit in GeV on m_H+ "
        "from b -> s gamma at large tan beta (types II, Y); None: 590. The literature has 570 to "
        "800, see docs/thdm.md.")
    THDM_searches: tuple = setting([], list_of(one_of("tautau", "bbphi_bb", "ggH_VV", "ggH_ZZ",
        "H_hh", "ggA_Zh_Zbb", "bbA_Zh_Zbb", "ggA_ZH_llbb", "bbA_ZH_llbb", "tbHp_taunu", "tbHp_tb",
        "top_Hp_taunu", "lep_Hp", "top_Hp_cs", "A_tt", "H_tt")), "Direct searches that exclude "
        "points; see docs/thdm.md.")
    THDM_search_rule: str = setting("each", one_of("each", "most_sensitive"), "'each': every one "
        "of THDM_searches excludes at 95% CL by itself, so together more than 5% of good points "
        "are lost. 'most_sensitive': only the one with the largest expected rate over limit at "
        "that point, as in HiggsBounds.")
    THDM_dark_matter: bool = setting(True, flag(), "Calculator = 'Inert': points with too large a "
        "relic density, or beyond the limit of direct detection, are excluded.")
