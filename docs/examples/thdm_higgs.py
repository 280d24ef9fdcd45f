"""The type-II two-Higgs-doublet model with SPheno, HiggsBounds and HiggsSignals.

You need SPheno with the model THDMII of SARAH, HiggsBounds 5 and HiggsSignals 2. Put the paths of
their folders below, or into the environment variables SPHENO_HOME, HIGGSBOUNDS_HOME and
HIGGSSIGNALS_HOME.
Run it with    ./run.sh DNNR --input docs/examples/thdm_higgs.py
"""

import os

Calculator = 'SPheno'
pathS = os.environ.get('SPHENO_HOME', '~/SPheno-4.0.5')
Lesh = 'LesHouches.in.THDMII_low'       # in pathS
SPHENOMODEL = 'THDMII'

HiggsBounds = 1
HBPath = os.environ.get('HIGGSBOUNDS_HOME', '~/higgsbounds-5')
NH, NCH = 3, 1
ExcludeHB = 1
HiggsSignal = 2
HSPath = os.environ.get('HIGGSSIGNALS_HOME', '~/higgssignals-2')
LHC_run = 'latestresults'
MH_uncertainty = 3.0                    # GeV, uncertainty of SPheno's Higgs masses

VarLabel = ['# Lambda1Input', '# Lambda2Input', '# Lambda3Input', '# Lambda4Input',
            '# Lambda5Input', '# M12input', '# TanBeta']
VarNum = ['1', '2', '3', '4', '5', '9', '10']
VarMin = [0.0, None, -5.0, -5.0, -5.0, -1e5, 1.0]
VarMax = [2.0, None, 5.0, 5.0, 5.0, -1e2, 50.0]
VarPrior = ['M12input = log', 'TanBeta = log', 'Lambda2Input = (Lambda1Input + 0.16)/2']
Precut = 'Lambda3Input > -2*sqrt(Lambda1Input*Lambda2Input)'    # bounded from below

Observables = [
    observable('mH', block='MASS', key=35),
    observable('mHp', block='MASS', key=37, lower=580),         # b -> s gamma in type II
    observable('split', expression='mHp - mH', value=0, sigma=100),
]
Chi_square_threshold = 130              # chi2 of HiggsSignals and of the mass splitting

Size_initial_batch = 300
Size_batch_K = 100
N_iteration = 10
