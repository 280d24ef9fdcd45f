"""The function that user_function.py scans. It may be any Python code."""

from math import hypot


def ring(point):
    """Takes a point, as point['x'] or point[0]. Returns the observables by name."""
    x, y = point['x'], point['y']
    if x > 4.9:
        raise ValueError('no solution there')       # becomes the reason of the failed point
    return {'radius': hypot(x, y), 'angle': y / x if x else float('inf')}
