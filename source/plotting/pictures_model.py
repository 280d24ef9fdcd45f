"""How right the model was: predicted against evaluated, or calibration and ROC of a classifier."""

import numpy as np

from . import style

DRAWN = 20000   # above it, a map of hexagons instead of dots


def prediction(run):
    """For a regressor predicted against evaluated values, for a classifier calibration and ROC."""
    known = np.isfinite(run.predicted)
    if run.is_classifier:
        return _classifier(run, known)
    return _regressor(run, known & np.isfinite(run.learned))


def _nothing():
    fig = style.figure()
    style.empty(fig.subplots(), "no point with a prediction has been evaluated yet")
    return fig


def _regressor(run, rows):
    if not rows.any():
        return _nothing()
    evaluated, predicted = run.learned[rows], run.predicted[rows]
    fig = style.figure(style.COLUMN, 3.1)
    ax = fig.subplots()
    positive = (run.value_name == "chi2" and min(evaluated.min(), predicted.min()) > 0
                and evaluated.max() > 30 * evaluated.min())
    low, high = _ends(np.concatenate([evaluated, predicted]), positive)
    if len(evaluated) > DRAWN:
        scale = {"xscale": "log", "yscale": "log"} if positive else {}
        extent = np.log10([low, high, low, high]) if positive else (low, high, low, high)
        drawn = ax.hexbin(evaluated, predicted, gridsize=60, bins="log", cmap=style.LATE, mincnt=1,
                          extent=extent, rasterized=True, lw=0, **scale)
        fig.colorbar(drawn, ax=ax, pad=0.02).set_label("points in a cell")
    else:
        _by_time(fig, ax, run, rows)
        if positive:
            ax.set_xscale("log")
            ax.set_yscale("log")
    ax.plot([low, high], [low, high], color=style.GREY, lw=0.7, zorder=0)
    for edge in run.band:
        if np.isfinite(edge) and low < edge < high:
            ax.axvline(edge, color=style.RED, ls="--", lw=0.8)
            ax.axhline(edge, color=style.RED, ls="--", lw=0.8)
    ax.set_xlim(low, high)
    ax.set_ylim(low, high)
    symbol = run.label(run.value_name)[0]
    ax.set_xlabel(f"evaluated {symbol}")
    ax.set_ylabel(f"predicted {symbol}")
    error = np.abs(evaluated - predicted)
    style.note(ax, f"{style.thousands(len(error))} points\nMAE {error.mean():.3g}\n"
               f"median {np.median(error):.3g}", x=0.03, ha="left")
    return fig


def _ends(numbers, positive):
    """Range that shows all but the farthest half per cent, so that one outlier hides nothing."""
    low, high = np.quantile(numbers, [0.0025, 0.9975])
    if positive:
        return low / 1.3, high * 1.3
    margin = 0.05 * (high - low) or 1.0
    return low - margin, high + margin


def _by_time(fig, ax, run, rows):
    dots = ax.scatter(run.learned[rows], run.predicted[rows], c=run.table["iteration"][rows],
                      s=5 if rows.sum() < 3000 else 2, lw=0, cmap=style.LATE, rasterized=True)
    bar = fig.colorbar(dots, ax=ax, pad=0.02)
    bar.set_label("iteration")
    bar.ax.yaxis.get_major_locator().set_params(integer=True)
    bar.outline.set_linewidth(0.5)


def roc(probability, truth):
    """The receiver operating characteristic.

    Parameters
    ----------
    probability : float array (n,)
    truth : bool array (n,)
        With both kinds in it.

    Returns
    -------
    false, true : float arrays (m,)
        Shares of the points outside and inside that pass, for falling cuts, from 0 to 1.
    area : float
        Area below the curve: 1 perfect, 0.5 a guess.
    """
    order = np.argsort(-probability, kind="stable")
    hits = np.cumsum(truth[order])
    # equal probabilities pass together
    last = np.append(np.diff(probability[order]) != 0, True)
    true = np.append(0.0, hits[last] / hits[-1])
    passed = np.flatnonzero(last) + 1
    false = np.append(0.0, (passed - hits[last]) / (len(truth) - hits[-1]))
    return false, true, float(np.sum(np.diff(false) * (true[1:] + true[:-1])) / 2)


def calibration(probability, truth, bins=10):
    """Mean prediction, share inside and number of points in each bin of probability that has
    any; float arrays (m,)."""
    at = np.minimum((np.clip(probability, 0, 1) * bins).astype(int), bins - 1)
    count = np.bincount(at, minlength=bins)
    some = count > 0
    mean = np.bincount(at, probability, bins)[some] / count[some]
    share = np.bincount(at, truth, bins)[some] / count[some]
    return mean, share, count[some]


def _classifier(run, rows):
    if not rows.any():
        return _nothing()
    probability, truth = run.predicted[rows], run.inside[rows]
    fig = style.figure(style.PAGE, 3.1)
    left, right = fig.subplots(1, 2)
    _draw_calibration(left, probability, truth)
    for ax in (left, right):
        ax.plot([0, 1], [0, 1], color=style.GREY, lw=0.7, zorder=0)
        ax.set_xlim(-0.02, 1.02)
        ax.set_ylim(-0.02, 1.02)
        ax.set_box_aspect(1)
    right.set_xlabel("share of the points outside that pass")
    right.set_ylabel("share of the points inside that pass")
    random = rows & (run.table["origin"] == "random")
    for chosen, colour, text in ((rows, style.GOOD, "all"), (random, style.ORANGE, "random")):
        kinds = run.inside[chosen]
        if kinds.any() and not kinds.all():
            false, true, area = roc(run.predicted[chosen], kinds)
            right.plot(false, true, color=colour,
                       label=f"{text} ({style.thousands(len(kinds))}), area {area:.3f}")
    if right.get_legend_handles_labels()[0]:
        right.legend(loc="lower right")
    else:
        style.empty(right, "all evaluated points are of one kind")
    return fig


def _draw_calibration(ax, probability, truth):
    mean, share, count = calibration(probability, truth)
    # Wilson's interval at one standard deviation: no zero error for 0 of n
    centre = (share + 0.5 / count) / (1 + 1 / count)
    half = np.sqrt(share * (1 - share) / count + 0.25 / count**2) / (1 + 1 / count)
    low, high = np.maximum(0, share - (centre - half)), np.maximum(0, centre + half - share)
    ax.errorbar(mean, share, [low, high], fmt="o", ms=3.5, color=style.GOOD, elinewidth=0.8)
    ax.set_xlabel("predicted probability")
    ax.set_ylabel("share in target")
    style.note(ax, f"{style.thousands(len(truth))} predictions", x=0.03, ha="left")
