"""SModelS behind SPheno: searches for supersymmetry applied to the constrained MSSM.

You need SPheno (its folder in SPHENO_HOME) and SModelS (pip install smodels pyhf jsonpatch, in any
environment). Put the path of the folder of runSModelS.py into SMODELS_HOME, and that of the
parameters file of SModelS into SMODELS_INI. This file must have outputType = slha and name the
database. Pythia 8 computes the cross sections: install it with smodelsTools.py fixpythia8. If the
spectrum already has XSECTION blocks, delete that line of the command.
Run it with    ./run.sh RFR --input docs/examples/smodels_mssm.py
"""

import os

_home = os.environ.get('SMODELS_HOME', '~/smodels/bin')
_ini = os.environ.get('SMODELS_INI', '~/smodels/parameters.ini')

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

# a point without any result in the database has no r value; it gets 0
_steps = '''
"$0/smodelsTools.py" xseccomputer -s 13 -e 10000 -p -f spectrum.slha &&
"$0/runSModelS.py" -f spectrum.slha -p "$1" -o . &&
{ grep -q '^ *1 1 ' spectrum.slha.smodelsslha ||
  printf 'BLOCK SModelS_Exclusion\\n 1 1 0.0\\n' >> spectrum.slha.smodelsslha; }
'''

Programs = [
    UserProgram('SModelS', ['/bin/sh', '-c', _steps, _home, _ini],
                output='spectrum.slha.smodelsslha', timeout=600,
                observables={'verdict': ('SModelS_Exclusion', 0, 0),   # -1 not tested, 1 excluded
                             'r_max': ('SModelS_Exclusion', 1, 1)},
                cite='SModelS: M. M. Altakach et al., SciPost Phys. 15 (2023) 185, '
                     'arXiv:2306.17676'),
]
Observables = [
    observable('r', expression='r_max', upper=1.0),
    observable('mh', block='MASS', key=25, value=125.25, sigma=0.17, theory=2.0),
]
Chi_square_threshold = 4.0

Size_initial_batch = 200
Size_batch_K = 100
N_iteration = 5
