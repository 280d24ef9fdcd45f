"""The Standard Model and a real singlet: which mixing do rates, S, T, U and searches allow?

S is heavier than h here. For a lighter S use VarMin = [10, ...], VarMax = [120, ...].
Run it with    ./run.sh DNNR --input docs/examples/singlet.py
"""

Calculator = 'Singlet'
N_Cores = 2
Seed = 1

VarLabel = ['mS', 'sin_theta', 'vS']
VarMin = [130.0, -0.5, 20.0]        # GeV; vS is the vacuum expectation value of the singlet
VarMax = [1000.0, 0.5, 2000.0]
VarPrior = ['vS = log']
THDM_fixed = ['mh = 125.2']

THDM_signals = ['run1', 'run2_full']
THDM_searches = ['tautau', 'bbphi_bb', 'ggH_VV', 'ggH_ZZ', 'H_hh', 'H_tt']
THDM_search_rule = 'most_sensitive'
Chi_square_above_best = 6.18

N_iteration = 10
