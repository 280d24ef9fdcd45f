"""The three-dimensional test function of arXiv:2207.09959, section 4.

F = [2 + cos(x1/7) cos(x2/7) cos(x3/7)]^5. The target is F = 100 +- 20. Its points lie on shells
around many maxima.
Run it with    ./run.sh DNNR --input docs/examples/F_3d.py
"""

from math import pi

Calculator = 'F_3d'
N_Cores = 2
Seed = 1

VarLabel = ['x1', 'x2', 'x3']
VarMin = [-10 * pi] * 3
VarMax = [10 * pi] * 3

Target_value = 100.0
Target_width = 20.0

Size_initial_batch = 200
Size_batch_K = 300
N_iteration = 15
