"""The numbers of a point become chi2 and the verdict of hard limits; the target region."""
