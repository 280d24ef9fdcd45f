# Settings of a scan. This is the only file to edit. Every setting has a default, so you may delete
# any line. docs/how_to_adjust_the_input_file.md explains all settings. After a change, run
# ./run.sh check

VarMin = []
VarMax = []
VarLabel = []
VarNum = []
VarBlock = []

############################ what is calculated ############################
Calculator = 'THDM'         # 'THDM': built-in two-Higgs-doublet model, with the data of today
                            # 'Singlet', 'Inert': built-in real singlet, inert doublet
                            # 'SPheno': SPheno, HiggsBounds, HiggsSignals, see below
                            # 'F_2d', 'F_3d': test functions;  'my_file.py:my_function': your own
                            # 'Programs': only the programs of the list Programs
N_Cores = 2                 # number of worker processes
Seed = 1                    # the same seed gives the same scan, on any number of cores

############################ beyond one machine (docs/cluster.md) ##########
Executor = 'multiprocessing'    # 'dask': Dask workers (pip install -r requirements-dask.txt)
Dask_scheduler = ''         # an existing cluster: 'tcp://host:8786', or its scheduler file
Dask_jobqueue = None        # workers from a batch system: {'system': 'SLURM', 'cores': 8, ...}
Dask_failed_jobs = 5        # the scan ends when so many of its jobs in a row end at once
Asynchronous = False        # True: no worker waits, but the points depend on the time of each

############################ the scan ######################################
N_iteration = 25            # iterations after the first batch
Size_initial_batch = 500    # points before the first training (None: 20 for each parameter);
                            # with more points the scan finds more separate islands
Size_batch_L = 20000        # candidates that the model rates in each iteration
Size_batch_K = 600          # points chosen from them and evaluated in each iteration; 50 to
                            # 200 if a point takes long (see also Size_batch_search)
Frac_random_points = 0.02   # share of random points among these
Full_train_period = None    # the model is trained from scratch every so many iterations, and
                            # refined in between; None: when there are 1.6 times as many points
Refine_evaluations = 600    # points for the best fit at the end; None: a tenth, at most 300
K_SMOOTE = 3                # neighbours used by SMOTE (classifiers)

############################ the target ####################################
Chi_square_threshold = None     # points with chi2 below it are in the target
Chi_square_above_best = 6.18    # chi2 below the best one plus this; 6.18: 95.4 % of two parameters
Confidence = None           # the same, given as a confidence level, such as 0.954, ...
Confidence_parameters = 2   # ... of so many parameters
Target_value = None         # with an observable instead of a chi2: the target is
Target_width = None         # Target_value +- Target_width

############################ further rules that end a scan (None: no rule) #
Target_points = None        # this number of points in the target
Max_evaluations = None      # this number of evaluated points
Max_time = None             # this number of seconds, with the last training; the same command
                            # continues the scan
MAE_tolerance = None        # mean absolute error of the predictions for new points below this

############################ the scanned parameters ########################
# For each parameter: smallest value, largest value, label. Here these are the masses of the neutral
# H and A and of the charged Hp, cos(beta - alpha), tan(beta), and the mass scale
# (M = m12 / sqrt(sin(beta) cos(beta))), near which H, A and Hp lie. Masses are in GeV.
VarMin.append(130.0)
VarMax.append(1500.0)
VarLabel.append('mH')

VarMin.append(80.0)
VarMax.append(1500.0)
VarLabel.append('mA')

VarMin.append(80.0)
VarMax.append(1500.0)
VarLabel.append('mHp')

VarMin.append(-0.4)
VarMax.append(0.4)
VarLabel.append('cos_ba')

VarMin.append(0.5)
VarMax.append(50.0)
VarLabel.append('TanBeta')

VarMin.append(80.0)
VarMax.append(1500.0)
VarLabel.append('M')

# With programs, also give the number in the block of the Les Houches file, for example:
#     VarLabel.append('# TanBeta'); VarNum.append('10')
# If the block is not MINPAR, put its name into VarBlock.

TotVarScanned = 6           # so many of them are scanned, from the first one
VarPrior = ['TanBeta = log']        # others are 'linear'; 'mA = 500' fixes a parameter
# Precut = ['TanBeta > 12']     # only points that fulfil this are evaluated

# Observables = [observable('m_h', value=125.25, sigma=0.2)]  # what is known about a point
# Programs = [python_step('my_file.py:my_function')]          # your own steps in the chain
                            # docs/parameters_and_observables.md explains both
Learn = 'chi2'              # 'observables': regressors also learn each of the Observables

End_early = False           # True: after a broken hard limit no more programs run for a point
Keep_files = 'none'         # which spectra and outputs are kept: 'good', 'all', or a number of
                            # the best points
Keep_outputs = []           # more files of SPheno to keep: ['WC.*.json']
Keep_limit = 1000.0         # at most this number of megabytes of kept files

############################ programs (Calculator = 'SPheno') ##############
pathS = ''                  # folder of SPheno
Lesh = 'LesHouches.in.THDMII_low'   # Les Houches input file, in that folder
SPHENOMODEL = 'THDMII'      # the model, as in bin/SPhenoTHDMII
HiggsBounds = 0             # 1: run it, 0: do not
HBPath = ''                 # folder of HiggsBounds
NH = '3'                    # number of neutral Higgs bosons
NCH = '1'                   # number of charged Higgs bosons
ExcludeHB = 1               # 1: excluded points are not in the target, 0: they may be
HiggsSignal = 0             # 0: do not run it, 1: with the SLHA spectrum, 2: with SPheno's files
HSPath = ''                 # folder of HiggsSignals
PATHMHUNCERTINITY = ''      # file with the uncertainties of the masses, for HiggsSignal = 2
LHC_run = 'latestresults'   # data set of HiggsSignals
MH_uncertainty = None       # GeV, for each neutral Higgs mass; None: as SPheno writes it
Timeout_SPheno = 300        # seconds for one point
Timeout_HiggsBounds = 120
Timeout_HiggsSignals = 120
Timeout_point = 600         # seconds for all of a point; also for a function of your own
Vectorised = False          # True: your function takes many points (n, d) at once

############################ the built-in 2HDM (Calculator = 'THDM') #######
THDM_type = 'II'            # Yukawa couplings: 'I', 'II', 'X', 'Y'
THDM_basis = 'mass'         # 'physical': m12sq (GeV^2) instead of M; 'lambda': couplings
THDM_fixed = ['mh = 125.2']     # inputs that are not scanned; masses in GeV
THDM_mh_theory_uncertainty = 3.0    # GeV
THDM_vacuum = True          # True: a point fails if its minimum is not the deepest one
THDM_perturbativity = 12.566        # largest |lambda|
THDM_unitarity = 25.133     # largest eigenvalue of the scattering matrix
THDM_signals = ['run1', 'run2_full']        # signal strengths; older data: ['run1', 'atlas', 'cms']
THDM_oblique = True         # True: S, T, U enter the chi2
THDM_oblique_fit = 'pdg2024'        # the newest fit; older: 'gfitter2018'
THDM_flavour = True         # True: limits of b -> s gamma and B -> mu mu exclude points
THDM_bsgamma_limit = None   # GeV, limit on m_H+ from b -> s gamma; None: 590
THDM_searches = ['tautau', 'bbphi_bb', 'ggH_VV', 'ggH_ZZ', 'H_hh', 'ggA_Zh_Zbb', 'bbA_Zh_Zbb',
                 'ggA_ZH_llbb', 'bbA_ZH_llbb', 'tbHp_taunu', 'tbHp_tb', 'top_Hp_taunu', 'lep_Hp',
                 'top_Hp_cs', 'A_tt', 'H_tt']       # these exclude points (docs/thdm.md); []: none
THDM_search_rule = 'most_sensitive'     # only the search with the best expected limit; or 'each'
THDM_dark_matter = True     # for Calculator = 'Inert': relic density and direct detection
                            # exclude points

############################ models ########################################
DNN_layers = 4              # networks: DNNR, DNNC
DNN_nodes = 100
DNN_activation = ['gelu', 'relu']     # the networks use these in turn
DNN_learning_rate = 0.003
DNN_epochs = 150            # epochs of a training from scratch
DNN_epochs_more = 40        # epochs of a training that continues the last one
DNN_least_points = 2500     # with fewer points, as many training steps as with this number
DNN_batch_size = 64
DNN_patience = 40           # a training stops after so many epochs without progress
DNN_networks = 3            # the uncertainty comes from their differences

GBR_trees = 300             # boosted trees: GBR
GBR_depth = 6
GBR_learning_rate = 0.1
GBR_members = 4

RF_trees = 60               # random forests: RFR, RFC
RF_depth = 30

SVR_C = 50.0                # support vectors: SVR_RBF, SVR_POLY
SVR_gamma = 1.5             # in units of 1 / number of parameters
SVR_epsilon = 0.05
SVR_degree = 3              # degree of SVR_POLY
SVR_points = 2000           # largest number of points for the training of one machine
SVR_members = 3

############################ how points are proposed #######################
Max_clusters = 8            # largest number of separate places followed at the same time
Walkers = 1000              # number of random walks on the model
Walk_steps = 30             # steps of each walk
Walk_optimism = 1.0         # larger: walks go farther where the model is not sure
Probability_cut = 0.3       # candidates below this probability are used only if others are few
Probability_power = None    # others: distance to known points x probability ^ this; None: 1
Training_points = 5000      # largest number of points for training: those near the edge, and others
Nested_levels = 5           # classifiers: levels of the value that are also learned; 0: none
Surrogate_points = 1000     # points of the Gaussian process that assists the model; 0: none
Size_batch_search = 200     # batch while few points are in the target; 50 if a point takes long
Share_SMOTE = 0.1           # share of the candidates that SMOTE makes (classifiers)
Share_prospects = 0.15      # share of a batch for promising places far from the known target
Share_misclassified = 0.1   # share around points in the target that the model predicts as bad
Share_boundary = 0.0        # share of a batch for the edge of the target
Spread_in = ['cos_ba', 'TanBeta']   # fill the target also in these numbers; []: no others
Share_spread = 0.5          # share of a batch for Spread_in

############################ pictures ######################################
Live_plots = 0              # 1: draw the pictures after each iteration, too
# VarTeX = [r'$m_H$', '']   # labels on axes, in the order of VarLabel; '': from the name
Picture_style = 'plain'     # 'ATLAS', 'CMS', 'LHCb', 'ALICE': needs the package mplhep
