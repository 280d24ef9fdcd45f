"""Every setting of scan_input.py: name, default, allowed values, meaning, in one table.

The names are the ones a user writes. One class is one section, its docstring the heading of the
section in the documentation; `ScanConfig` is all of them together, frozen.
`scan_config.load_config` makes it from a file, `scan_config.make_config` from keywords.
"""

from dataclasses import asdict, fields
from typing import Any

from .checks import (
    flag,
    fraction,
    integer,
    number,
    one_of,
    optional,
    some_of,
    switch,
    text,
    texts,
)
from .settings_base import part, section, setting
from .settings_inputs import Kept, Measured, Parameters
from .settings_machines import Machines
from .settings_thdm import Thdm

HIGGS_MODELS = ("THDM", "Singlet", "Inert")
BUILT_IN = (*HIGGS_MODELS, "F_2d", "F_3d", "SPheno", "Programs")


# ---- what is calculated, and by whom ---------------------------------------------------------
@section
class General:
    """Calculator and machine"""

    Calculator: str = setting("THDM", text(empty=False), "What evaluates a point: 'THDM' (built-in "
        "2HDM), 'Singlet' (the SM and a real singlet), 'Inert' (the inert doublet), 'F_2d' or "
        "'F_3d' (test functions), 'SPheno' (the chain of programs), 'Programs' (only those of the "
        "list Programs), or 'file.py:function' for your own. If only pathS is set: 'SPheno'.")
    N_Cores: int = setting(2, integer(1, 4096), "Worker processes that evaluate points.")
    Seed: int = setting(1, integer(0, 2**32 - 1), "Same seed, same scan, on any number of cores.")
    Vectorised: bool = setting(False, flag(), "Your own function takes an array (n, d) of points "
        "instead of one point (d,).")
    Timeout_point: float = setting(600.0, number(above=0), "Seconds after which a point is given "
        "up (status 'timeout'). With Vectorised: seconds for a call; after that each of its points "
        "is evaluated by itself.")


# ---- the loop --------------------------------------------------------------------------------
@section
class Loop:
    """Iterations and batches"""

    N_iteration: int = setting(20, integer(0), "Number of iterations after the first batch.")
    Size_initial_batch: int | None = setting(None, optional(integer(1)), "Points evaluated before "
        "the first training; None: 20 for each parameter, 60 at least.")
    Size_batch_L: int = setting(20000, integer(1), "Candidates of each iteration, for which "
        "the model predicts.")
    Size_batch_K: int = setting(200, integer(1), "Points evaluated in each iteration, chosen from "
        "the candidates.")
    Full_train_period: int | None = setting(None, optional(integer(1)), "Every so many iterations "
        "the model is trained from scratch on all points; in between it is refined. None: from "
        "scratch only when the points have grown by 1.6.")
    Frac_random_points: float = setting(0.02, fraction(), "Share of random points in each batch.")
    Refine_evaluations: int | None = setting(None, optional(integer(0)), "Points for the best fit "
        "at the end of a scan: an optimiser improves the best ones (for chi2, not for a "
        "Target_value). None: a tenth of all, 300 at most, and none if these are fewer than 20 for "
        "each parameter.")
    K_SMOOTE: int = setting(3, integer(1), "Neighbours that SMOTE uses to balance the training "
        "set of a classifier.")


# ---- the target and when to stop -------------------------------------------------------------
@section
class TargetRegion:
    """Target region"""

    Chi_square_threshold: float | None = setting(10.0, optional(number()), "Points with chi2 below "
        "it are in the target. It has no default if one of the next two is set.")
    Chi_square_above_best: float | None = setting(None, optional(number(above=0)), "Points are in "
        "the target if chi2 is below the smallest known one plus this number, such as 6.18. With "
        "Chi_square_threshold, chi2 must be below both.")
    Confidence: float | None = setting(None, optional(number(above=0, high=0.999999)), "The same, "
        "given by a confidence level: 0.954 of Confidence_parameters parameters is 6.16.")
    Confidence_parameters: int = setting(2, integer(1, 100), "Number of parameters to which this "
        "Confidence refers.")
    Target_value: float | None = setting(None, optional(number()), "Instead of a chi2: the value "
        "that an observable must have; replaces Chi_square_threshold.")
    Target_width: float | None = setting(None, optional(number(above=0)), "Half width of the "
        "target: within Target_value +- Target_width.")


@section
class Stop:
    """When to stop (the first rule that is met)"""

    Target_points: int | None = setting(None, optional(integer(1)), "Stop when so many points are "
        "in the target.")
    Max_evaluations: int | None = setting(None, optional(integer(1)), "Stop after so many "
        "evaluated points.")
    Max_time: float | None = setting(None, optional(number(above=0)), "Stop within so many "
        "seconds, with the last training and the results; the same command continues.")
    MAE_tolerance: float | None = setting(None, optional(number(above=0)), "Stop when the mean "
        "absolute error of the prediction on the new batch falls below it.")


# ---- the chain of programs -------------------------------------------------------------------
@section
class Programs:
    """SPheno, HiggsBounds and HiggsSignals (Calculator = 'SPheno')"""

    pathS: str = setting("", text(), "Folder of SPheno.")
    Lesh: str = setting("", text(), "Name of the Les Houches input file in pathS, or its full "
        "path.")
    SPHENOMODEL: str = setting("", text(), "Model as in pathS/bin/SPheno<model>; '' is the "
        "SPheno of the MSSM, pathS/bin/SPheno.")
    HiggsBounds: int = setting(0, switch(), "1: evaluate points with HiggsBounds; 0: do not.")
    HBPath: str = setting("", text(), "Folder of HiggsBounds.")
    NH: int = setting(3, integer(0, 99, text=True), "Number of neutral Higgs bosons.")
    NCH: int = setting(1, integer(0, 99, text=True), "Number of charged Higgs bosons.")
    ExcludeHB: int = setting(1, switch(), "1: points that HiggsBounds excludes are not in the "
        "target; 0: they may be.")
    HiggsSignal: int = setting(0, switch(0, 1, 2), "0: no HiggsSignals; 1: it reads the SLHA "
        "spectrum; 2: it reads the files that SPheno writes for it.")
    HSPath: str = setting("", text(), "Folder of HiggsSignals.")
    PATHMHUNCERTINITY: str = setting("", text(), "File with the theory uncertainties of the Higgs "
        "masses, a MHall_uncertainties.dat with one row, used for every point; replaces "
        "MH_uncertainty.")
    MH_uncertainty: float | None = setting(None, optional(number(0)), "Theory uncertainty of each "
        "neutral Higgs mass in GeV, for HiggsBounds and HiggsSignals; None: what SPheno writes, "
        "mostly nothing, which counts as 0.")
    LHC_run: str = setting("latestresults", text(empty=False), "Data set of HiggsSignals, a "
        "folder in its data/Expt_tables.")
    Timeout_SPheno: float = setting(300.0, number(above=0), "Seconds that SPheno may take for a "
        "point.")
    Timeout_HiggsBounds: float = setting(120.0, number(above=0), "Seconds that HiggsBounds may "
        "take for a point (longer for many points in one call).")
    Timeout_HiggsSignals: float = setting(120.0, number(above=0), "Seconds that HiggsSignals may "
        "take for a point (longer for many points in one call).")


# ---- the models ------------------------------------------------------------------------------
@section
class Dnn:
    """Neural networks (DNNR, DNNC)"""

    DNN_layers: int = setting(4, integer(1, 50), "Hidden layers.")
    DNN_nodes: int = setting(100, integer(1, 10000), "Nodes of each hidden layer.")
    DNN_activation: tuple = setting(["gelu", "relu"], some_of("relu", "elu", "selu", "gelu",
        "silu", "tanh", "sigmoid", "softplus"), "Activation of the hidden layers, by its Keras "
        "name; the networks of the committee take several in turn. 'gelu' is sharper where the "
        "value is smooth, 'relu' where it is not.")
    DNN_learning_rate: float = setting(3e-3, number(above=0), "Learning rate of Adam at the start "
        "of a training; it falls to a hundredth along a cosine.")
    DNN_epochs: int = setting(150, integer(1), "Epochs of a training from scratch; if its error is "
        "larger than that of the networks so far, these are refined instead.")
    DNN_epochs_more: int = setting(40, integer(1), "Epochs of a training that continues from "
        "that of the last iteration.")
    DNN_least_points: int = setting(2500, integer(0), "If there are fewer points, the training "
        "repeats them, so that it has as many steps as with so many points; 0: never.")
    DNN_batch_size: int = setting(64, integer(1), "Points of one step of Adam.")
    DNN_patience: int = setting(40, integer(1), "A training stops early after so many epochs "
        "without a smaller held-out loss; the best weights are kept.")
    DNN_networks: int = setting(3, integer(1, 100), "Networks of the committee; their "
        "disagreement is the uncertainty of the prediction.")


@section
class Gbr:
    """Gradient boosting (GBR)"""

    GBR_trees: int = setting(300, integer(1), "Boosting steps.")
    GBR_depth: int = setting(6, integer(1, 64), "Depth of each tree.")
    GBR_learning_rate: float = setting(0.1, number(above=0), "Weight of each step.")
    GBR_members: int = setting(4, integer(1, 100), "Boosted models, each trained on another part "
        "of the points; their disagreement is the uncertainty of the prediction.")


@section
class Forest:
    """Random forests (RFR, RFC)"""

    RF_trees: int = setting(60, integer(1), "Trees.")
    RF_depth: int = setting(30, integer(1, 64), "Largest depth of a tree.")


@section
class Svr:
    """Support vector machines (SVR_RBF, SVR_POLY)"""

    SVR_C: float = setting(50.0, number(above=0), "Penalty of an error (values scaled to unit "
        "width).")
    SVR_gamma: float = setting(1.5, number(above=0), "Kernel coefficient, in units of one over "
        "the number of inputs (scaled to unit width; SVR_POLY has products of pairs as inputs, "
        "too).")
    SVR_epsilon: float = setting(0.05, number(0), "Errors below it are free (values scaled to unit "
        "width).")
    SVR_degree: int = setting(3, integer(1, 20), "Degree of the polynomial (SVR_POLY).")
    SVR_points: int = setting(2000, integer(10), "Largest number of points on which one machine "
        "is trained, as its cost grows with their square.")
    SVR_members: int = setting(3, integer(1, 100), "Machines, each trained on another part of the "
        "points; their disagreement is part of the uncertainty of the prediction.")


@section
class Models(Dnn, Gbr, Forest, Svr):
    """All that models need; no section of its own"""

    N_Cores: int = 2
    K_SMOOTE: int = 3
    Asynchronous: bool = False
    Seed: int = 1


# ---- how points are proposed -----------------------------------------------------------------
@section
class Acquisition:
    """Proposing points"""

    Max_clusters: int = setting(8, integer(1, 1000), "Largest number of separate clusters of "
        "good points that are followed at the same time.")
    Walkers: int = setting(1000, integer(0), "Random walkers on the model that find candidates.")
    Walk_steps: int = setting(30, integer(1), "Steps of each walker.")
    Walk_optimism: float = setting(1.0, number(0), "Walkers also step to points predicted "
        "outside the target, if by less than this number times the spread of the prediction times "
        "the share of bad points among the latest walks; 0: never.")
    Probability_cut: float = setting(0.3, fraction(), "Candidates with a smaller probability to be "
        "in the target are taken only if too few have a larger one.")
    Probability_power: float | None = setting(None, optional(number(0)), "Of the others those come "
        "first that are far and probable: distance to all known points, times probability to this "
        "power. 0: the distance alone counts; None: 1, but 2 without continuous parameters.")
    Training_points: int = setting(5000, integer(10), "Largest number of points on which the "
        "model is trained: half are those nearest to the edge of the target, the others random.")
    Nested_levels: int = setting(5, integer(0, 100), "Classifiers learn so many levels of the "
        "value inside and outside of the target, beside the target itself. These tell them how far "
        "outside a point is; 0: in or out only.")
    Surrogate_points: int = setting(1000, integer(0, 20000), "Points on which each Gaussian "
        "process that assists the model is trained; 0: no surrogate.")
    Share_prospects: float = setting(0.15, fraction(), "Share of a batch for promising places far "
        "from all points in the target, or behind a ridge, while these are few (half at 200); "
        "without such places, for searches. 0: neither, no pattern of parts, no young parts.")
    Share_misclassified: float = setting(0.1, fraction(), "Share of a batch around points in the "
        "target that the model predicts outside: the first points of a part that it does not know "
        "yet.")
    Share_boundary: float | None = setting(0.0, optional(fraction()), "Share of a batch for the "
        "edge of the target: points with a probability above 0.4, as far as possible from those in "
        "the target. This widens the region found so far, but gives fewer points in the target.")
    Spread_in: tuple = setting([], texts(text(empty=False)), "Parameters or observables, as many "
        "as you like: ['mH', 'omega']. The target is filled evenly in the space of these numbers, "
        "too. For a number over decades give its logarithm, a formula of Observables.")
    Share_spread: float = setting(0.5, fraction(), "Share of a batch that is chosen for Spread_in, "
        "once a hundred points are in the target; 1: all of it, 0: none.")
    Size_batch_search: int = setting(50, integer(1), "Points evaluated in each iteration (if fewer "
        "than Size_batch_K) until a hundred points are in the target; after that as many, or a "
        "fifth of those that are in the target if these are more.")
    Share_SMOTE: float = setting(0.1, fraction(), "Candidates made by SMOTE between points in the "
        "target (classifiers), as a share of Size_batch_L.")


# ---- pictures --------------------------------------------------------------------------------
@section
class Pictures:
    """Pictures and report of a run (command plot)"""

    Live_plots: int = setting(0, switch(-1, 0, 1), "1: the pictures (PNG) are drawn again after "
        "each iteration; 0: at the end only; -1: not at all (command plot draws them later).")
    VarTeX: tuple = setting([], texts(), "Labels of the parameters on axes, in the order of "
        "VarLabel, with LaTeX between dollar signs: r'$\\lambda_1$'; '' or none: made from the "
        "name.")
    Picture_style: str = setting("plain", one_of("plain", "ATLAS", "CMS", "LHCb", "ALICE"),
        "'plain', or the style of an experiment (needs the package mplhep).")


SECTIONS: tuple[Any, ...] = (General, Machines, Loop, TargetRegion, Stop, Parameters, Measured,
                             Kept, Programs, Thdm, Dnn, Gbr, Forest, Svr, Acquisition, Pictures)


@section
class ScanConfig(*reversed(SECTIONS)):  # type: ignore[misc]
    """All effective settings of a scan; see docs/how_to_adjust_the_input_file.md.

    Attributes
    ----------
    input_file : str
        The file it was read from; relative paths in it are meant from its folder. '' if none.
    """

    input_file: str = ""
    loop, models, acquisition = part(Loop), part(Models), part(Acquisition)

    def as_dict(self):
        """Name -> value, in the order of the documentation, fit for JSON (tuples are lists)."""
        return {name: list(value) if isinstance(value, tuple) else value
                for name, value in asdict(self).items()}


def settings():
    """Name -> dataclass field of every setting a user may write, in the order of the sections."""
    return {f.name: f for cls in SECTIONS for f in fields(cls)}
