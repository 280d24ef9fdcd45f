"""`python source ...`: what run.sh starts. Small, so that workers need not load all of it."""

import signal
import sys

if __name__ == "__main__":
    before = signal.getsignal(signal.SIGINT)
    if before is signal.default_int_handler:  # while libraries load, Ctrl-C just ends
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from MLs_HEP import main
    signal.signal(signal.SIGINT, before)
    sys.exit(main())
