# As it was written for version 1.0.0, with names of that version.
from math import pi

Calculator = 'F_2d'
N_Cores = 2
Seed = 1
VarLabel = ['x1', 'x2']
VarMin = [-10 * pi] * 2
VarMax = [10 * pi] * 2
Target_value = 100.0
Target_width = 90.0
Size_initial_batch = 50
Size_batch_search = 40
Size_batch_K = 40
Size_batch_L = 2000
Walkers = 100
Walk_hope = 0.9
Max_niches = 6
Share_doubted = 0.2
Share_prospects = 0.4
N_iteration = 4
RF_trees = 3
RF_depth = 4
Live_plots = -1
