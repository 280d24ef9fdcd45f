"""`./run.sh point THDM`: print one point in full."""

import argparse

from ...errors import InputError
from ...files import program, writing
from ...shown import say
from .describe import describe_point
from .inputs import BASES, finite_number

EPILOG = """example (the point of SARAH's LesHouches.in.THDMII_low):
  {0} point THDM --set Lambda1Input=0.16693 Lambda2Input=0.304411 Lambda3Input=0.13175 \\
      Lambda4Input=-0.30437 Lambda5Input=-0.0763187 M12input=-16982.4 TanBeta=2.07321
"""


def point_command(rest):
    """Parse the words after `point`, print the table and the SLHA text; returns the exit code."""
    args = _parser().parse_args(rest)
    values = _pairs(word for words in args.set for word in words)
    switches = {"THDM_type": args.type}
    if args.basis:
        switches["THDM_basis"] = args.basis
    elif set(values) & (set(BASES["physical"]) - {"TanBeta"}):
        switches["THDM_basis"] = "physical"
    table, slha = describe_point(switches, values)
    say(table)
    if args.slha:
        with writing(args.slha) as file:
            file.write(slha)
        say(f"SLHA spectrum: {args.slha}")
    else:
        say(slha, end="")
    return 0


def _parser():
    parser = argparse.ArgumentParser(
        prog=f"{program()} point", description="One point of a built-in model: spectrum, "
        "couplings, widths, chi2 and all tests.", epilog=EPILOG.format(program()),
        allow_abbrev=False, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", choices=["THDM"])
    parser.add_argument("--set", nargs="+", action="append", default=[], metavar="NAME=VALUE",
                        help=f"all of {', '.join(BASES['lambda'])}; or all of "
                        f"{', '.join(BASES['physical'])}")
    parser.add_argument("--type", choices=["I", "II", "X", "Y"], default="II")
    parser.add_argument("--basis", choices=list(BASES), help="default: by the names given")
    parser.add_argument("--slha", metavar="FILE", help="write the SLHA spectrum there")
    return parser


def _pairs(words):
    values, problems = {}, []
    for word in words:
        name, _, number = word.partition("=")
        values[name.strip()] = finite_number(number)
        if values[name.strip()] is None:
            problems.append(f"--set {word[:60]}: expected NAME=VALUE with a finite number.")
    if problems:
        raise InputError(problems)
    return values
