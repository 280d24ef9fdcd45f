"""SOFTSUSY instead of SPheno: the Higgs mass of the constrained MSSM.

You need SOFTSUSY (softsusy.hepforge.org). Put the path of its folder into SOFTSUSY_HOME.
`softpoint.x leshouches` reads the filled Les Houches file from its standard input and prints the
spectrum. For an invalid point SPINFO 4 says why, and becomes the reason of the failed point.
Run it with    ./run.sh RFR --input docs/examples/softsusy.py
"""

import os

_home = os.environ.get('SOFTSUSY_HOME', '~/softsusy')

Calculator = 'Programs'
Lesh = 'LesHouches.in.mssm'             # filled in, it is spectrum.slha for the first program
Programs = [
    UserProgram('SOFTSUSY',
                ['/bin/sh', '-c', 'exec "$0" leshouches < spectrum.slha', f'{_home}/softpoint.x'],
                spectrum=True, success='SPINFO', timeout=60,
                cite='SOFTSUSY: B. C. Allanach, Comput. Phys. Commun. 143 (2002) 305, '
                     'arXiv:hep-ph/0104145'),
]

VarLabel = ['# m0', '# m12', '# tanb', '# A0']
VarNum = ['1', '2', '3', '5']
VarBlock = ['MINPAR'] * 4
VarMin = [100, 100, 2, -6000]           # GeV
VarMax = [4000, 4000, 50, 6000]
VarPrior = ['log', 'log', 'linear', 'linear']

Observables = [
    observable('mh', block='MASS', key=25, value=125.25, sigma=0.17, theory=2.0),
    observable('mgluino', block='MASS', key=1000021),
    observable('heavy', expression='abs(mgluino)', lower=2300),
]
Chi_square_threshold = 4.0

Size_initial_batch = 200
Size_batch_K = 100
N_iteration = 5
