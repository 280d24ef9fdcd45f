"""Names of earlier versions: what an old input file, run folder or saved model calls things."""

SETTINGS = {"Max_niches": "Max_clusters", "Walk_hope": "Walk_optimism",
            "Assistant_points": "Surrogate_points", "Share_doubted": "Share_misclassified"}
ARRAYS = {"proposer_foretold": "proposer_predictions"}     # of state.npz
HISTORY = {"judged": "evaluated", "seconds_judge": "seconds_evaluate"}     # of iterations.csv
PHASES = {"judge": "evaluate"}      # of the seconds of an iteration, in state.npz
# defaults of then: a run begun with one goes on with that of today
DEFAULTS = {"Probability_power": 0.5, "Frac_random_points": 0.05}
ORIGINS = {"doubted": "misclassified", "scout": "exploration"}   # column `origin` of points.csv


def current_settings(settings):
    """Settings (name -> value) by their names of today."""
    return {SETTINGS.get(name, name): value for name, value in settings.items()}


def current_arrays(arrays):
    """Arrays of a state (name -> array) by their names of today."""
    return {ARRAYS.get(name, name): value for name, value in arrays.items()}


def current_history(row):
    """What one iteration did (name -> value, 'seconds' by phase) by its names of today."""
    row = {HISTORY.get(name, name): value for name, value in row.items()}
    if "seconds" in row:
        row["seconds"] = {PHASES.get(phase, phase): s for phase, s in row["seconds"].items()}
    return row


def current_origin(origin):
    """The kind of a point's proposal by its name of today."""
    return ORIGINS.get(origin, origin)
