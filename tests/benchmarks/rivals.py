"""What other scanners reach on P1 to P4, measured once with every call of the function counted.

(problem, method, seeds, evaluated points, in target, cells hit, fill distance 95%); means over the
seeds. Cells and fill distance are those at the number of evaluated points given, which for some
methods is larger than 5,000: at 5,000 they have less.
"""

RIVALS = (
    ("P1", "random sampling", 3, 20000, 1882, 0.997, 0.008),
    ("P1", "MLscanner DNNR", 1, 10000, 4923, 1.000, 0.005),
    ("P1", "MLscanner RFR", 3, 10000, 6594, 1.000, 0.004),
    ("P1", "MLscanner SVMRBF", 1, 5000, 2975, 1.000, 0.006),
    ("P1", "MLscanner GBR", 1, 5000, 1932, 0.995, 0.008),
    ("P1", "DLScanner classifier", 1, 3000, 1428, 0.415, 0.122),
    ("P1", "CMA-ES with restarts", 3, 20000, 14859, 0.937, 0.015),
    ("P1", "emcee, DE moves", 3, 20000, 2874, 1.000, 0.007),
    ("P1", "UltraNest", 1, 20000, 4338, 1.000, 0.005),
    ("P2", "random sampling", 3, 20000, 1518, 0.997, 0.042),
    ("P2", "MLscanner RFR", 3, 10000, 5104, 0.998, 0.027),
    ("P2", "MLscanner SVMRBF", 1, 5000, 2440, 1.000, 0.035),
    ("P2", "MLscanner GBR", 1, 5000, 1232, 0.965, 0.057),
    ("P2", "CMA-ES with restarts", 3, 20000, 14911, 0.795, 0.100),
    ("P2", "emcee, DE moves", 3, 20000, 2905, 1.000, 0.035),
    ("P2", "UltraNest", 1, 20000, 1915, 1.000, 0.037),
    ("P3", "random sampling", 3, 20000, 1, 0.005, 1.077),
    ("P3", "CMA-ES with restarts", 3, 20000, 16616, 0.622, 0.179),
    ("P3", "emcee", 1, 20000, 3620, 0.470, 0.249),
    ("P3", "emcee, DE moves", 3, 20000, 2047, 0.988, 0.116),
    ("P3", "nautilus", 1, 20000, 138, 0.520, 0.169),
    ("P3", "UltraNest", 1, 20000, 70, 0.295, 0.187),
    ("P4", "random sampling", 3, 20000, 12, 0.062, 0.604),
    ("P4", "MLscanner DNNC", 1, 20000, 5, 0.025, 0.608),
    ("P4", "BSMArt CMAES_ND", 1, 2628, 1910, 0.445, 0.409),
    ("P4", "CMA-ES with restarts", 3, 20000, 15640, 0.345, 0.553),
    ("P4", "emcee, DE moves", 3, 20000, 785, 0.868, 0.250),
    ("P4", "nautilus", 1, 20000, 261, 0.720, 0.260),
)
