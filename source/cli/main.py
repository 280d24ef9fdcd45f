"""The command line: its words become one of the commands."""

import sys
from collections.abc import Sequence

from ..errors import ScannerError
from ..extensions import names
from ..models.registry import ALIASES, MODELS
from ..shown import no_reader, say
from .arguments import parse
from .commands import OTHERS, run_check, run_scan
from .completion import completion_command


def run_completion(args):
    """`./run.sh completion`: what a shell needs to complete models, commands and options."""
    words = (*names("models", MODELS), *ALIASES, "check", *OTHERS, "completion")
    return completion_command(args.rest, {
        word: lambda more, word=word: main([word, *more]) for word in words})


def main(argv: Sequence[str] | None = None) -> int:
    """The command line; returns the exit code: 0 done, 2 bad input, 130 stopped by Ctrl-C, 141
    whoever read the output has gone."""
    try:
        others = OTHERS | {"completion": run_completion}
        args = parse(argv, (*names("models", MODELS), *ALIASES), run_scan, run_check, others)
        code = args.run(args)
        sys.stdout.flush()
        return code
    except ScannerError as error:
        say(error, file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:     # head or less has seen enough
        no_reader()
        return 141
