"""Words of the command line become a scan, a check, a summary."""
