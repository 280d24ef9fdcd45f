"""The user's own calculator of user_function.py: any Python will do."""

from math import hypot


def ring(point):
    """A point by name, point['x'], or by number, point[0]; returns the observables by name."""
    x, y = point['x'], point['y']
    if x > 4.9:
        raise ValueError('no solution there')       # becomes the point's status and reason
    return {'radius': hypot(x, y), 'angle': y / x if x else float('inf')}
