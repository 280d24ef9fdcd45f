"""The two-Higgs-doublet model of type II with the data of today, everything on, in its masses.

h is the boson of 125 GeV. The target is a few millionths of the box: nearly all of it is not
bounded from below or not perturbative, and the column `objective` tells a scan how far. For
another type change THDM_type. docs/thdm.md has the result.
Run it with    ./run.sh DNNR --input docs/examples/thdm_physical.py
"""

Calculator = 'THDM'
N_Cores = 2
Seed = 1

VarLabel = ['mH', 'mA', 'mHp', 'cos_ba', 'TanBeta', 'm12sq']
VarMin = [130.0, 80.0, 80.0, -0.4, 0.5, 1e3]            # GeV, GeV^2
VarMax = [1500.0, 1500.0, 1500.0, 0.4, 50.0, 1e6]
VarPrior = ['TanBeta = log', 'm12sq = log']

THDM_type = 'II'
THDM_basis = 'physical'     # 'mass': M (80 to 1500 GeV, linear) instead of m12sq is found sooner
THDM_fixed = ['mh = 125.2']
THDM_signals = ['run1', 'run2_full']
THDM_flavour = True
THDM_searches = ['tautau', 'bbphi_bb', 'ggH_VV', 'ggH_ZZ', 'H_hh', 'ggA_Zh_Zbb', 'bbA_Zh_Zbb',
                 'ggA_ZH_llbb', 'bbA_ZH_llbb', 'tbHp_taunu', 'tbHp_tb', 'top_Hp_taunu', 'lep_Hp',
                 'top_Hp_cs', 'A_tt', 'H_tt']
THDM_search_rule = 'most_sensitive'
Chi_square_above_best = 6.18        # 95.4% of two parameters

Size_initial_batch = 500
Size_batch_L = 20000
Size_batch_K = 200
N_iteration = 26
