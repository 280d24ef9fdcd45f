"""What the command line says and does around a scan: words, checks, progress, summary."""
