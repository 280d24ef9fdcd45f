"""Reading the input file: its settings, checks, expressions and priors."""
