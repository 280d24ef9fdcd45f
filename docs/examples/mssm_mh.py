"""The constrained MSSM with SPheno: points with the right Higgs mass and heavy coloured particles.

You need SPheno (spheno.hepforge.org) with its built-in MSSM. Put the path of its folder into
pathS, or into the environment variable SPHENO_HOME. The Les Houches file is in the folder of this
file.
Run it with    ./run.sh RFR --input docs/examples/mssm_mh.py
"""

import os

Calculator = 'SPheno'
pathS = os.environ.get('SPHENO_HOME', '~/SPheno-4.0.5')
Lesh = 'LesHouches.in.mssm'
Timeout_SPheno = 5                      # s; a point needs 0.1 s, but a few points never end
SPHENOMODEL = ''                        # '' is the MSSM that SPheno has built in: bin/SPheno
HiggsBounds = 0
HiggsSignal = 0

VarLabel = ['# m0', '# m12', '# tanb', '# sign(mu)', '# A0']
VarNum = ['1', '2', '3', '4', '5']
VarBlock = ['MINPAR'] * 5
VarMin = [100, 100, 2, None, -6000]     # GeV
VarMax = [4000, 4000, 50, None, 6000]
VarPrior = ['log', 'log', 'linear', 'choice [-1, 1]', 'linear']

Observables = [
    observable('mh', block='MASS', key=25, value=125.25, sigma=0.17, theory=2.0),
    observable('mgluino', block='MASS', key=1000021),
    observable('heavy', expression='abs(mgluino)', lower=2300),
    observable('BR_h_bb', decay=25, daughters=(5, -5), range=(0.3, 0.8)),
]
Chi_square_threshold = 4.0

Size_initial_batch = 200
Size_batch_K = 100
N_iteration = 5
