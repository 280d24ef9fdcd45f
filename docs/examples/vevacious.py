"""Vevacious++ behind SPheno: is the vacuum of a point of the constrained MSSM stable?

You need SPheno and Vevacious++ (github.com/JoseEliel/VevaciousPlusPlus). Put the paths of their
folders into SPHENO_HOME and VEVACIOUS_HOME. Vevacious++ runs in a separate folder. So its object
initialization file (VEVACIOUS_INIT) must name the model file by its full path. Vevacious++ appends
its blocks to the spectrum.
Run it with    ./run.sh RFR --input docs/examples/vevacious.py
"""

import os

_home = os.environ.get('VEVACIOUS_HOME', '~/VevaciousPlusPlus')
_init = os.environ.get('VEVACIOUS_INIT', f'{_home}/InitializationFiles/'
                      'VevaciousPlusPlusObjectInitialization.xml')

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
    UserProgram('Vevacious++',
                ['/bin/sh', '-c', 'sed "s|INITIALIZATION|$1|" vevacious_main.xml > main.xml && '
                 'exec "$0" main.xml', f'{_home}/bin/VevaciousPlusPlus_main.exe', _init],
                input=['vevacious_main.xml'], output='spectrum.slha', timeout=300,
                success='VEVACIOUSSTABILITY',
                observables={'stable': ('VEVACIOUSSTABILITY', 1),       # 1 stable, 0 metastable
                             # probability to survive 4.3e17 s; -1 for a stable vacuum
                             'survival': ('VEVACIOUSZEROTEMPERATURE', 1)},
                cite='Vevacious: J. E. Camargo-Molina et al., Eur. Phys. J. C 73 (2013) 2588, '
                     'arXiv:1307.1477'),
]
Observables = [
    observable('mh', block='MASS', key=25, value=125.25, sigma=0.17, theory=2.0),
    observable('lives', expression='1 if stable > 0.5 else survival', lower=0.9),
]
Chi_square_threshold = 4.0

Size_initial_batch = 200
Size_batch_K = 100
N_iteration = 5
