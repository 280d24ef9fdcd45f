"""The two-dimensional test function of arXiv:2207.09959, section 3.

F = [2 + cos(x1/5) cos(x2/7)]^5. The target is F = 100 +- 20. Its points lie on rings.
Run it with    ./run.sh RFR --input docs/examples/F_2d.py
"""

from math import pi

Calculator = 'F_2d'
N_Cores = 2
Seed = 1

VarLabel.append('x1')
VarMin.append(-10 * pi)
VarMax.append(10 * pi)

VarLabel.append('x2')
VarMin.append(-10 * pi)
VarMax.append(10 * pi)

Target_value = 100.0
Target_width = 20.0

Size_initial_batch = 100
Size_batch_K = 200
N_iteration = 10
