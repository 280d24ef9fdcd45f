"""`mlscanner ...` and `python -m mlscanner ...`. Small, so that workers need not load all of it."""

import signal
import sys


def entry(words):
    """The `main` for these words: an answer of a saved model needs nothing of a scan."""
    if words[:1] == ["predict"]:
        from .prediction.predict import main
        return main, words[1:]
    from .cli.main import main
    return main, words


def start():
    """Run the command line of this process, and leave with its exit code."""
    before = signal.getsignal(signal.SIGINT)
    if before is signal.default_int_handler:  # while libraries load, Ctrl-C just ends
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    main, words = entry(sys.argv[1:])
    signal.signal(signal.SIGINT, before)
    code = main(words)
    if before is signal.default_int_handler:  # all is written; what is left is leaving
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    sys.exit(code)


if __name__ == "__main__":
    start()
