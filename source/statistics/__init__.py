"""Points become profile likelihoods, contours and intervals; needs nothing but arrays."""
