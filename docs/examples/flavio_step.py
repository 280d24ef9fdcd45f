"""flavio in the chain: the built-in two-Higgs-doublet model, then b -> s gamma by flavio.

Needs flavio in the environment of the scanner:    pip install flavio "particle<1"
Run it with    ./run.sh RFR --input docs/examples/flavio_step.py
"""

Calculator = 'THDM'
THDM_basis = 'physical'
THDM_fixed = ['mh = 125.1', 'cos_ba = 0.0']

VarLabel = ['mH', 'mA', 'mHp', 'TanBeta', 'm12sq']
VarMin = [300, None, 300, 1, None]      # GeV
VarMax = [1200, None, 1200, 30, None]
VarPrior = ['linear', 'mHp', 'linear', 'log', 'mH**2 * TanBeta/(1 + TanBeta**2)']
Precut = 'abs(mH - mHp) < 150'

Programs = [
    python_step('flavio_model.py:bsgamma', observables=['BR_bsgamma'],
                cite='flavio: D. M. Straub, arXiv:1810.08132'),
]
Observables = [
    observable('BR_bsgamma', value=3.49e-4, sigma=0.19e-4, theory=0.23e-4),     # HFLAV; flavio
]
Chi_square_threshold = 100.0            # chi2 of the Higgs data and of b -> s gamma

Size_initial_batch = 100
Size_batch_K = 50
N_iteration = 5
