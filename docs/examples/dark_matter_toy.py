"""A dark-matter toy: masses and couplings over six decades, a formula, a pre-cut, three limits.

The right relic density, below a limit on the nucleon cross-section that is read from a CSV file,
with a narrow mediator. Run it with    ./run.sh RFR --input docs/examples/dark_matter_toy.py
"""

Calculator = 'dark_matter_model.py:evaluate'      # counts from the folder of this file
N_Cores = 2

VarLabel = ['m_dm', 'ratio', 'g', 'm_med']
VarMin = [1e-3, 0.1, 1e-6, None]               # GeV
VarMax = [1e3, 10.0, 1.0, None]
VarPrior = ['log', 'linear', 'log', 'ratio * m_dm']   # m_med is a formula of the others

Precut = 'm_med > 0.1'                         # costs nothing: such points are never evaluated

Observables = [
    observable('omega', value=0.12, sigma=0.001, theory=0.012, physical=(0, None)),
    observable('sigma_SI', upper='dark_matter_limit.csv', along='m_dm', interpolation='log'),
    observable('narrow', expression='width / m_med', upper=0.02),
]
Chi_square_threshold = 4.0
Learn = 'observables'           # each of them is smoother over the decades than chi2

Size_initial_batch = 200
Size_batch_K = 100
N_iteration = 15
