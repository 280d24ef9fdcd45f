"""FlexibleSUSY instead of SPheno: the Higgs mass of the constrained MSSM.

You need FlexibleSUSY (flexiblesusy.hepforge.org) with the model CMSSM. Put the path of its folder
into FLEXIBLESUSY_HOME. For an invalid point FlexibleSUSY ends with exit code 1 and writes SPINFO 4
('tachyon hh', 'no convergence', ...). This becomes the status and the reason of the point.
Run it with    ./run.sh RFR --input docs/examples/flexiblesusy.py
"""

import os

_home = os.environ.get('FLEXIBLESUSY_HOME', '~/FlexibleSUSY')

Calculator = 'Programs'
Lesh = 'LesHouches.in.mssm'             # filled in, it is spectrum.slha for the first program
Programs = [
    UserProgram('FlexibleSUSY', [f'{_home}/models/CMSSM/run_CMSSM.x',
                                 '--slha-input-file=spectrum.slha', '--slha-output-file=out.slha'],
                output='out.slha', spectrum=True, timeout=120,
                cite='FlexibleSUSY: P. Athron et al., Comput. Phys. Commun. 230 (2018) 145, '
                     'arXiv:1710.03760'),
]

VarLabel = ['# m0', '# m12', '# tanb', '# A0']
VarNum = ['1', '2', '3', '5']
VarBlock = ['MINPAR'] * 4
VarMin = [100, 100, 2, -6000]           # GeV
VarMax = [4000, 4000, 50, 6000]
VarPrior = ['log', 'log', 'linear', 'linear']

Observables = [
    observable('mh', block='MASS', key=25, value=125.25, sigma=0.17, theory=2.0),
    observable('g3', block='GAUGE', key=3, scale='lowest'),
]
Chi_square_threshold = 4.0

Size_initial_batch = 200
Size_batch_K = 100
N_iteration = 5
