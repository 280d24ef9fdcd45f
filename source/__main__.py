"""`python source ...`: what run.sh starts. Small, as the workers go through it as well."""

import signal
import sys

if __name__ == "__main__":
    # while the libraries load there is nothing to save: Ctrl-C just ends
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from MLs_HEP import main
    sys.exit(main())
