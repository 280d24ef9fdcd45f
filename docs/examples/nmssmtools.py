"""NMSSMTools: the Higgs bosons of the NMSSM.

You need NMSSMTools (www.lupm.in2p3.fr/users/nmssm), built with `make init` and `make`. Put the path
of its folder into NMSSMTOOLS_HOME. main/nmhdecay reads `inp` and writes `spectr` in its folder. It
finds its data through EXPCON_PATH. If `spectr` has SPINFO 4, the point fails. SPINFO 3 lists the
constraints that the point breaks, and is only a warning.
Run it with    ./run.sh RFR --input docs/examples/nmssmtools.py
"""

import os

_home = os.environ.get('NMSSMTOOLS_HOME', '~/NMSSMTools')

Calculator = 'Programs'
Lesh = 'LesHouches.in.nmssm'            # filled in, it is spectrum.slha for the first program
Programs = [
    UserProgram('NMSSMTools',
                ['/bin/sh', '-c', 'cp spectrum.slha inp && '
                 'EXPCON_PATH="${0%/main/nmhdecay}/EXPCON" exec "$0"', f'{_home}/main/nmhdecay'],
                output='spectr', success='SPINFO', spectrum=True, timeout=60,
                cite='NMSSMTools: U. Ellwanger and C. Hugonie, Comput. Phys. Commun. 175 (2006) '
                     '290, arXiv:hep-ph/0508022'),
]

VarLabel = ['# tanb', '# LAMBDA', '# KAPPA', '# ALAMBDA', '# AKAPPA', '# MUEFF']
VarNum = ['3', '61', '62', '63', '64', '65']
VarMin = [1.5, 0.1, 0.05, 0, -500, 100]
VarMax = [20, 0.8, 0.7, 2000, 0, 500]

Observables = [
    observable('mh1', block='MASS', key=25),
    observable('mh2', block='MASS', key=35),
    observable('nearest', expression='min(abs(mh1 - 125.1), abs(mh2 - 125.1))', upper=3.0),
]
Chi_square_threshold = 1.0

Size_initial_batch = 200
Size_batch_K = 100
N_iteration = 5
