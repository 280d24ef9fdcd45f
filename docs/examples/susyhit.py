"""SUSY-HIT behind SPheno: the decays of the constrained MSSM by HDECAY and SDECAY.

You need SPheno and SUSY-HIT (www.itp.kit.edu/~maggie/SUSY-HIT). Put the paths of their folders into
SPHENO_HOME and SUSYHIT_HOME. `run` reads slhaspectrum.in and susyhit.in in its folder. It writes
susyhit_slha.out, which is the spectrum for all later steps. The options in susyhit.in must be those
for a spectrum that is read (not for SuSpect).
Run it with    ./run.sh RFR --input docs/examples/susyhit.py
"""

import os

_home = os.environ.get('SUSYHIT_HOME', '~/susyhit')

Calculator = 'SPheno'
pathS = os.environ.get('SPHENO_HOME', '~/SPheno-4.0.5')
Lesh = 'LesHouches.in.mssm'
Timeout_SPheno = 5
SPHENOMODEL = ''
HiggsBounds = 0
HiggsSignal = 0

VarLabel = ['# m0', '# m12', '# tanb', '# A0']
VarNum = ['1', '2', '3', '5']
VarBlock = ['MINPAR'] * 4
VarMin = [100, 100, 2, -6000]           # GeV
VarMax = [4000, 4000, 50, 6000]
VarPrior = ['log', 'log', 'linear', 'linear']

Programs = [
    UserProgram('SUSY-HIT',
                ['/bin/sh', '-c', 'cp spectrum.slha slhaspectrum.in && exec "$0"', f'{_home}/run'],
                input=[f'{_home}/susyhit.in'], output='susyhit_slha.out', spectrum=True,
                success='DECAY', timeout=60,
                cite='SUSY-HIT: A. Djouadi, M. Muehlleitner, M. Spira, Acta Phys. Polon. B38 '
                     '(2007) 635, arXiv:hep-ph/0609292'),
]
Observables = [
    observable('mh', block='MASS', key=25, value=125.25, sigma=0.17, theory=2.0),
    observable('BR_h_WW', decay=25, daughters=(24, -24)),
    observable('BR_h_gaga', decay=25, daughters=(22, 22)),
]
Chi_square_threshold = 4.0

Size_initial_batch = 200
Size_batch_K = 100
N_iteration = 5
