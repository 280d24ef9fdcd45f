"""The commands beside a scan; what each needs is loaded when it is called."""

import argparse
from pathlib import Path

from ..errors import InputError
from ..files import explained, program
from ..shown import say

KINDS = ("function", "spheno", "programs", "thdm")  # of input files, beside the shipped one


def run_scan(args):
    """`./run.sh MODEL`: start or resume a run, and tell what came of it; returns the exit code."""
    from . import running
    return running.run_scan(args)


def run_check(args):
    """`./run.sh check`; exit code 0 when a test point was evaluated."""
    from ..config.scan_config import load_config
    from .check import check
    return 0 if check(load_config(args.input), args.points) else 2


def run_predict(args):
    """`./run.sh predict`: predictions of a saved model."""
    from ..prediction.predict import predict_command
    return predict_command(args.rest)


def run_plot(args):
    """`./run.sh plot`: pictures of a run."""
    from ..plotting.command import plot_command
    return plot_command(args.rest)


def run_profile(args):
    """`./run.sh profile`: regions of confidence of a run."""
    from ..plotting.profile import profile_command

    def evaluate_more(folder, columns, options):
        from .refine import CONTOUR, evaluate_more
        return evaluate_more(folder, {"refine": CONTOUR, "budget": options.refine,
                                      "columns": columns}, options)
    return profile_command(args.rest, evaluate_more)


def run_point(args):
    """`./run.sh point`: one point of a run, or of the built-in model, in full."""
    if args.rest[:1] == ["THDM"]:
        from ..calculators.thdm import point_command
    else:
        from .one_point import point_command
    return point_command(args.rest)


def run_list(args):
    """`./run.sh list` and `show`: the runs there are, and what one has found."""
    from . import runs
    return getattr(runs, f"{args.command}_command")(args.rest)


def run_init(args):
    """`mlscanner init [FILE]`: a commented input file, to be changed; returns the exit code."""
    args = _init_parser().parse_args(args.rest)
    path = args.file
    if path.exists():
        raise InputError(f"{path} exists already and was not changed. Give another name: "
                         f"{program()} init my_scan.py")
    text = Path(__file__).with_name("inputs").joinpath(f"{args.kind}.txt").read_text("utf-8")
    with explained(path), path.open("x", encoding="utf-8") as file:  # never over another
        file.write(text.replace("THIS_FILE", path.name))
    say(f"Wrote {path}. Change it, then: {program()} check --input {path}")
    return 0


def run_judge(args):
    """`./run.sh judge`: SLHA files that exist already."""
    from .judge import judge_command
    return judge_command(args.rest)


def _init_parser():
    parser = argparse.ArgumentParser(
        prog=f"{program()} init", allow_abbrev=False,
        description="Writes an input file for you to change: the shipped one with all settings, or "
                    "a short one for one kind of scan.",
        epilog=f"Example: {program()} init my_scan.py --for function")
    parser.add_argument("file", nargs="?", default="scan_input.py", type=Path, metavar="FILE",
                        help="the new file (scan_input.py)")
    parser.add_argument("--for", choices=KINDS, default="scan_input", dest="kind", metavar="KIND",
                        help="function (of your own), spheno (with HiggsBounds and HiggsSignals), "
                             "programs (of your own), or thdm (the built-in model)")
    return parser


def run_retarget(args):
    """`./run.sh retarget`, `merge` and `retry`: points of old runs in a new one."""
    from . import retarget
    return getattr(retarget, f"{args.command}_command")(args.rest)


def run_refine(args):
    """`./run.sh refine`: the best fit of a run."""
    from .refine import refine_command
    return refine_command(args.rest)


def run_export(args):
    """`./run.sh export`: points of a run for other programs and papers."""
    from ..plotting.export import export_command
    return export_command(args.rest)


OTHERS = {"init": run_init, "predict": run_predict, "plot": run_plot, "profile": run_profile,
          "point": run_point, "judge": run_judge, "list": run_list, "show": run_list,
          "export": run_export, "refine": run_refine,
          "retarget": run_retarget, "merge": run_retarget, "retry": run_retarget}
