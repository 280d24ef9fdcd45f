"""The words of the command line."""

import argparse
import sys
from pathlib import Path

from ..files import home, program
from ..store.folders import result_folder
from ..version import __version__


def default_input():
    """The input file that is read if none is named."""
    return home() / "scan_input.py"


def parse(argv, models, run_scan, run_check, others):
    """The namespace of a command line; its `run` is the function to call with it.

    Parameters
    ----------
    argv : sequence of str or None
        None: of this process.
    models : sequence of str
        Names that start a scan.
    run_scan, run_check : callable
    others : dict of str to callable
        Commands that read their own words, in `rest`.
    """
    parser = argparse.ArgumentParser(
        prog=program(), allow_abbrev=False,
        description="Scans the parameters of a model of new physics, guided by machine learning.",
        epilog=f"Other commands: {', '.join(others)}. Each has its own --help.")
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name in models:
        command = commands.add_parser(name, allow_abbrev=False, description=(
            f"Scans with the model {name}, or continues a scan that was stopped. The results "
            f"are in result/{name}, with a report in report.html."), epilog=(
            f"Example: {program()} {name} --input my_scan.py --output my_results"))
        _input(command)
        command.add_argument("--output", default=result_folder(), type=Path, metavar="DIR",
                             help="where the run folder goes (result/)")
        command.add_argument("--new", action="store_true",
                             help="start a new run, even if an old one could be continued")
        command.add_argument("--more", default=0, type=_count, metavar="N",
                             help="do N more iterations, also of a finished run")
        command.add_argument("--from", nargs="+", metavar="FILE", dest="start",
                             help="start from the points of run folders or tables")
        command.add_argument("--columns", default="", metavar="'NAME=COLUMN ...'",
                             help="columns of these tables whose names differ from the "
                                  "parameters")
        command.add_argument("--accept-difference", action="store_true",
                             help="start from them even if they have other values when "
                                  "they are evaluated now")
        command.set_defaults(run=run_scan)
    command = commands.add_parser("check", allow_abbrev=False, description=(
        "Shows what an input file means, evaluates test points until one is ok, and estimates the "
        "time of the scan. It scans nothing and writes nothing."), epilog=(
        f"Example: {program()} check --input my_scan.py"))
    _input(command)
    command.add_argument("--points", default=20, type=_count, metavar="N",
                         help="give up if none of N test points is ok (20)")
    command.set_defaults(run=run_check)
    words = list(sys.argv[1:] if argv is None else argv)
    if words and words[0] in others:  # argparse would take their options for its own
        return argparse.Namespace(command=words[0], rest=words[1:], run=others[words[0]])
    return parser.parse_args(words)


def _input(command):
    command.add_argument("--input", default=default_input(), type=Path, metavar="FILE",
                         help="the settings (scan_input.py)")


def _count(text):
    if not (text.isascii() and text.isdigit()):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number, 0 or more")
    return int(text)
