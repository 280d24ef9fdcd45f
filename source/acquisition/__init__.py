"""Points and a model become the next batch: clusters, candidates, rating, choice."""
