"""Does the range of a parameter cut the target? Told of the points in the target."""

import numpy as np

SLICE = 0.02    # share of the range, in the unit box of the prior, that counts as its end
FEWEST = 3      # points in the target there
DENSE = 0.25    # of the mean density of the points in the target along the parameter


def cut_ranges(u, parameters):
    """One line for each parameter whose target region reaches an end of its range.

    It does where points in the target lie in the last SLICE of the range, FEWEST at least, and
    not much sparser than elsewhere: a region that ends by itself is thin before.

    Parameters
    ----------
    u : (n, d) array
        Points in the target, in the unit box of the priors.
    parameters : sequence of (name, prior)
        The d scanned ones; of whole numbers and choices nothing is said.

    Returns
    -------
    list of str
    """
    lines = []
    for column, (name, prior) in zip(np.asarray(u, float).T, parameters, strict=True):
        if prior.discrete or not len(column):
            continue
        mean = SLICE * len(column) / max(np.ptp(column), SLICE)
        ends = [("lower", prior.to_physical(np.zeros(1))[0], column <= SLICE),
                ("upper", prior.to_physical(np.ones(1))[0], column >= 1 - SLICE)]
        if ends[0][1] > ends[1][1]:     # a prior that runs downward
            ends = [(word, limit, near) for (word, _, _), (_, limit, near)
                    in zip(ends, ends[::-1], strict=True)]
        found = [f"the {word} end ({limit:g}, {100 * near.mean():.2g}% of the good points)"
                 for word, limit, near in ends if near.sum() >= max(FEWEST, DENSE * mean)]
        if found:
            lines.append(f"{name}: the target reaches {' and '.join(found)} of its range")
    return lines
