"""The scan of arXiv:2207.09959: the two-Higgs-doublet model of type II in its couplings.

The chi2 has 64 measurements: m_h, rates of 2016 to 2019, and S, T, U. Today all of its target is
excluded, by H/A -> tau tau, A -> Z H and b -> s gamma. To see this, switch on THDM_searches and
THDM_flavour. docs/thdm.md has the result.
Run it with    ./run.sh DNNR --input docs/examples/thdm_paper.py
"""

Calculator = 'THDM'
N_Cores = 2
Seed = 1

VarLabel = ['Lambda1Input', 'Lambda2Input', 'Lambda3Input', 'Lambda4Input', 'Lambda5Input',
            'M12input', 'TanBeta']
VarMin = [0.0, 0.12, 4.0, -10.0, -10.0, -3000.0, 10.0]      # M12input in GeV^2
VarMax = [10.0, 0.136, 10.0, 5.0, 1.5, -1000.0, 40.0]

THDM_type = 'II'
THDM_basis = 'lambda'
Chi_square_threshold = 64

Size_initial_batch = 500
Size_batch_L = 20000
Size_batch_K = 600
Size_batch_search = 200
N_iteration = 15
