"""A toy model of dark matter: masses and couplings over six decades, a formula, a pre-cut, limits.

A good point has the right relic density and a narrow mediator. Its nucleon cross-section is below a
limit from a CSV file.
Run it with    ./run.sh RFR --input docs/examples/dark_matter_toy.py
"""

Calculator = 'dark_matter_model.py:evaluate'      # paths start at the folder of this file
N_Cores = 2

VarLabel = ['m_dm', 'ratio', 'g', 'm_med']
VarMin = [1e-3, 0.1, 1e-6, None]               # GeV
VarMax = [1e3, 10.0, 1.0, None]
VarPrior = ['log', 'linear', 'log', 'ratio * m_dm']   # m_med is a formula of other parameters

Precut = 'm_med > 0.1'                         # other points are never evaluated

Observables = [
    observable('omega', value=0.12, sigma=0.001, theory=0.012, physical=(0, None)),
    observable('sigma_SI', upper='dark_matter_limit.csv', along='m_dm', interpolation='log'),
    observable('narrow', expression='width / m_med', upper=0.02),
]
Chi_square_threshold = 4.0
Learn = 'observables'           # over decades each of them is smoother than chi2

Size_initial_batch = 200
Size_batch_K = 100
N_iteration = 15
