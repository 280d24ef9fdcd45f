"""A function of your own evaluates the points: here a ring with a wedge cut out of it.

The function stands in my_function.py beside this file. It could as well read files, call other
programs or solve equations; what it raises, and NaN, is kept as the reason of the point.
Run it with    ./run.sh SVR_RBF --input docs/examples/user_function.py
"""

Calculator = 'my_function.py:ring'      # 'file.py:function'
Vectorised = False                      # True: the function takes all points at once, (n, d)
Timeout_point = 60.0                    # seconds; a point that hangs is given up

VarLabel = ['x', 'y']
VarMin = [-5, -5]
VarMax = [5, 5]

Observables = [
    observable('radius', value=3.0, sigma=0.1),
    observable('wedge', expression='abs(angle)', lower=0.5),     # a hard limit
    observable('angle', optional=True),                          # may be infinite at x = 0
]
Chi_square_threshold = 4.0

Size_initial_batch = 100
Size_batch_K = 50
N_iteration = 8
