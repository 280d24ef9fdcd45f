"""micrOMEGAs behind SPheno: relic density and direct detection of the constrained MSSM.

You need SPheno and micrOMEGAs (lapth.cnrs.fr/micromegas). Put the path of the folder of SPheno into
SPHENO_HOME. Put that of the model of micrOMEGAs, with its compiled main program, into
MICROMEGAS_HOME. The main program must take the name of an SLHA file as its argument (lesHinput in
MSSM, slhaRead in models of SARAH). OMEGA and CDM_NUCLEON must be switched on. The numbers are read
from what main.c of the package prints.
Run it with    ./run.sh RFR --input docs/examples/micromegas.py
"""

import os

_home = os.environ.get('MICROMEGAS_HOME', '~/micromegas/MSSM')

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
    UserProgram('micrOMEGAs', [f'{_home}/main', 'spectrum.slha'], timeout=300,
                success='Xf=',
                observables={'omega': r'Omega(?: h\^2)?=(\S+)',
                             'SI_proton': r'^ proton +SI (\S+)'},       # pb
                cite='micrOMEGAs: G. Belanger et al., Comput. Phys. Commun. 231 (2018) 173, '
                     'arXiv:1801.03509'),
]
Observables = [
    observable('omega', value=0.12, sigma=0.001, theory=0.012, physical=(0, None)),   # -1: failed
    observable('SI_proton'),
    observable('mh', block='MASS', key=25, value=125.25, sigma=0.17, theory=2.0),
]
Chi_square_threshold = 6.0

Size_initial_batch = 200
Size_batch_K = 100
N_iteration = 5
