# Settings of a scan: the only file to edit. Every setting has a default; a line may be deleted.
# All about each of them: docs/how_to_adjust_the_input_file.md.  Try ./run.sh check after a change.

VarMin = []
VarMax = []
VarLabel = []
VarNum = []
VarBlock = []

############################ what is calculated ############################
Calculator = 'THDM'         # 'THDM': built-in two-Higgs-doublet model, with the data of today
                            # 'SPheno': SPheno, HiggsBounds, HiggsSignals, see below
                            # 'F_2d', 'F_3d': test functions;  'my_file.py:my_function': your own
                            # 'Programs': only those of the list Programs
N_Cores = 2                 # worker processes
Seed = 1                    # same seed, same scan, on any number of cores

############################ beyond one machine (docs/cluster.md) ##########
Executor = 'multiprocessing'    # 'dask': on Dask workers (pip install -r requirements-dask.txt)
Dask_scheduler = ''         # existing cluster: 'tcp://host:8786', or its scheduler file
Dask_jobqueue = None        # workers from a batch system: {'system': 'SLURM', 'cores': 8, ...}
Dask_failed_jobs = 5        # so many jobs of it in a row that end at once end the scan
Asynchronous = False        # True: no worker waits, but points depend on how long each takes

############################ the scan ######################################
N_iteration = 17            # iterations after the first batch
Size_initial_batch = 500    # points before the first training (None: 20 a parameter); more
                            # of them find more separate islands
Size_batch_L = 20000        # candidates the model looks at in each iteration
Size_batch_K = 600          # points evaluated in each iteration, chosen from them; 50 to 200
                            # where a point takes long (and see Size_batch_search)
Frac_random_points = 0.05   # share of random points among these K
Full_train_period = None    # train from scratch every so many iterations, refine in between;
                            # None: when the points have grown by 1.6
Refine_evaluations = None   # points at the end for the best fit; None: a tenth, 300 at most
K_SMOOTE = 3                # neighbours used by SMOTE (classifiers)

############################ the target ####################################
Chi_square_threshold = None     # points with chi2 below it are in the target
Chi_square_above_best = 6.18    # chi2 below the best one plus this: 95.4 % of two parameters
Confidence = None           # the same by a confidence level: 0.954, of so many parameters:
Confidence_parameters = 2
Target_value = None         # for an observable instead of a chi2: the target is
Target_width = None         # Target_value +- Target_width

############################ when to stop, besides N_iteration (None: never)
Target_points = None        # so many points in the target
Max_evaluations = None      # so many evaluated points
Max_time = None             # so many seconds, with the last training; the same command goes on
MAE_tolerance = None        # mean absolute error of the predictions for the new points below it

############################ the scanned parameters ########################
# For each: smallest and largest value, and label. Here masses in GeV: H and A neutral, Hp charged;
# cos(beta - alpha); tan(beta); and M = m12 / sqrt(sin(beta) cos(beta)), near which H, A, Hp lie.
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

# With programs, also the number in its block of the Les Houches file (a block that is not MINPAR
# goes to VarBlock), for example:  VarLabel.append('# TanBeta'); VarNum.append('10')

TotVarScanned = 6           # the first so many of them are scanned
VarPrior = ['TanBeta = log']        # 'linear' where nothing is said; 'mA = 500': fixed
# Precut = ['TanBeta > 12']     # points that are not worth evaluating

# Observables = [observable('m_h', value=125.25, sigma=0.2)]  # what is known about a point, and
# Programs = [python_step('my_file.py:my_function')]          # steps of your own in the chain: see
                            # docs/parameters_and_observables.md
Learn = 'chi2'              # 'observables': regressors learn each of the Observables, too

End_early = False           # True: no more programs for a point that breaks a hard limit already
Keep_files = 'none'         # 'good', 'all' or a number: spectra and outputs of points to keep
Keep_outputs = []           # more files that SPheno writes and that are kept: ['WC.*.json']
Keep_limit = 1000.0         # megabytes of them at most

############################ programs (Calculator = 'SPheno') ##############
pathS = ''                  # folder of SPheno
Lesh = 'LesHouches.in.THDMII_low'   # Les Houches input file, in that folder
SPHENOMODEL = 'THDMII'      # model, as in bin/SPhenoTHDMII
HiggsBounds = 0             # 1: use it, 0: do not
HBPath = ''                 # folder of HiggsBounds
NH = '3'                    # neutral Higgs bosons
NCH = '1'                   # charged Higgs bosons
ExcludeHB = 1               # 1: excluded points are not in the target, 0: they may be
HiggsSignal = 0             # 0: do not use it, 1: on the SLHA spectrum, 2: on SPheno's own files
HSPath = ''                 # folder of HiggsSignals
PATHMHUNCERTINITY = ''      # file of mass uncertainties, for HiggsSignal = 2
LHC_run = 'latestresults'   # data set of HiggsSignals
MH_uncertainty = None       # GeV, of each neutral Higgs mass; None: as SPheno writes it
Timeout_SPheno = 300        # seconds for one point
Timeout_HiggsBounds = 120
Timeout_HiggsSignals = 120
Timeout_point = 600         # seconds for one point; also for a function of your own
Vectorised = False          # your function takes many points (n, d) at once

############################ the built-in 2HDM (Calculator = 'THDM') #######
THDM_type = 'II'            # Yukawa couplings: 'I', 'II', 'X', 'Y'
THDM_basis = 'mass'         # 'physical': m12sq (GeV^2) instead of M; 'lambda': the couplings
THDM_fixed = ['mh = 125.2']     # inputs that are not scanned; GeV
THDM_mh_theory_uncertainty = 3.0    # GeV
THDM_vacuum = True          # points whose minimum is not the deepest fail
THDM_perturbativity = 12.566        # largest |lambda|
THDM_unitarity = 25.133     # largest eigenvalue of the scattering matrix
THDM_signals = ['run1', 'run2_full']        # signal strengths; older: ['run1', 'atlas', 'cms']
THDM_oblique = True         # S, T, U in the chi2
THDM_oblique_fit = 'pdg2024'        # the newest; 'gfitter2018'
THDM_flavour = True         # limits of b -> s gamma and B -> mu mu
THDM_bsgamma_limit = None   # GeV, on m_H+ from b -> s gamma; None: 590
THDM_searches = ['tautau', 'bbphi_bb', 'ggH_VV', 'ggH_ZZ', 'H_hh', 'ggA_Zh_Zbb', 'bbA_Zh_Zbb',
                 'ggA_ZH_llbb', 'bbA_ZH_llbb', 'tbHp_taunu', 'tbHp_tb', 'top_Hp_taunu', 'lep_Hp',
                 'top_Hp_cs', 'A_tt', 'H_tt']       # exclude points, see docs/thdm.md; []: none
THDM_search_rule = 'most_sensitive'     # of them, the one with the best expected limit; 'each'
THDM_dark_matter = True     # Calculator = 'Inert': relic density and direct detection exclude

############################ models ########################################
DNN_layers = 4              # DNNR, DNNC
DNN_nodes = 100
DNN_activation = ['gelu', 'relu']     # the networks take them in turn
DNN_learning_rate = 0.003
DNN_epochs = 150            # of a training from scratch
DNN_epochs_more = 40        # of a training that goes on
DNN_least_points = 2500     # fewer points are gone through more often, as if they were so many
DNN_batch_size = 64
DNN_patience = 40           # epochs without progress before it stops early
DNN_networks = 3            # their disagreement is the uncertainty

GBR_trees = 300             # GBR
GBR_depth = 6
GBR_learning_rate = 0.1
GBR_members = 4

RF_trees = 60               # RFR, RFC
RF_depth = 30

SVR_C = 50.0                # SVR_RBF, SVR_POLY
SVR_gamma = 1.5             # in units of 1 / number of parameters
SVR_epsilon = 0.05
SVR_degree = 3              # SVR_POLY
SVR_points = 2000           # most points one machine is trained on
SVR_members = 3

############################ how points are proposed #######################
Max_clusters = 8              # separate places followed at the same time
Walkers = 1000              # walkers on the model
Walk_steps = 30
Walk_optimism = 1.0
Probability_cut = 0.3       # candidates below it are taken only when others are too few
Probability_power = 0.5     # of the others: distance to known points x probability ^ this
Training_points = 5000     # points the model is trained on at most: near the edge, and others
Nested_levels = 5           # classifiers: levels of the value learned beside the target; 0: none
Surrogate_points = 1000     # training points of the Gaussian process that assists; 0: none
Size_batch_search = 200     # batch while few points are in the target; 50 where one takes long
Share_SMOTE = 0.1           # candidates made by SMOTE (classifiers)
Share_prospects = 0.15      # batch for promising places far from all points in the target
Share_misclassified = 0.1         # batch around points in the target that the model calls bad
Share_boundary = 0.0        # batch for the edge of the target
Spread_in = ['cos_ba', 'TanBeta']   # fill the target as seen in these numbers, too; []: no others
Share_spread = 0.5          # their share of a batch

############################ pictures ######################################
Live_plots = 0              # 1: draw the pictures anew after each iteration
# VarTeX = [r'$m_H$', '']   # labels on axes, as in VarLabel; '': made from the name
Picture_style = 'plain'     # 'ATLAS', 'CMS', 'LHCb', 'ALICE': needs the package mplhep
