"""The commands beside a scan; what each needs is loaded when it is called."""

from ..config.scan_config import load_config
from .check import check


def run_check(args):
    """`./run.sh check`; exit code 0 when a test point was evaluated."""
    return 0 if check(load_config(args.input)) else 2


def run_predict(args):
    """`./run.sh predict`: ask a saved model."""
    from ..prediction.predict import predict_command
    return predict_command(args.rest)


def run_plot(args):
    """`./run.sh plot`: pictures of a run."""
    from ..plotting.command import plot_command
    return plot_command(args.rest)


def run_point(args):
    """`./run.sh point THDM`: one point of the built-in model in full."""
    from ..calculators.thdm import point_command
    return point_command(args.rest)


OTHERS = {"predict": run_predict, "plot": run_plot, "point": run_point}
