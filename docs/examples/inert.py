"""The inert doublet: dark matter of 45 to 120 GeV with relic density, direct detection and LHC.

H may be a part of the dark matter. If H must be all of it, add this to the chi2:
    Observables = [observable('omega_h2', value=0.120, sigma=0.006)]
Run it with    ./run.sh DNNR --input docs/examples/inert.py
"""

Calculator = 'Inert'
N_Cores = 2
Seed = 1

VarLabel = ['mH', 'mA', 'mHp', 'lambdaL', 'lambda2']
VarMin = [45.0, 45.0, 70.0, -0.05, 0.01]    # GeV; lambdaL is half the coupling of H H to h
VarMax = [120.0, 400.0, 400.0, 0.05, 4.0]
Precut = ['mA > mH', 'mHp > mH']
THDM_fixed = ['mh = 125.2']

THDM_signals = ['run1', 'run2_full']
Chi_square_above_best = 6.18

N_iteration = 15
