"""Your own function evaluates the points. Here the target is a ring without a wedge.

The function is in my_function.py, in the folder of this file. It could also read files, call other
programs or solve equations. If it raises an exception or returns NaN, the point fails, and the
reason is kept.
Run it with    ./run.sh SVR_RBF --input docs/examples/user_function.py
"""

Calculator = 'my_function.py:ring'      # 'file.py:function'
Vectorised = False                      # True: the function takes all points at once, (n, d)
Timeout_point = 60.0                    # seconds; a point that takes longer fails

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
