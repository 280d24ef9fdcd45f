"""What `./run.sh plot` draws of columns that are asked for: scatter, panels, animation."""

from dataclasses import replace

import numpy as np

from ..errors import InputError
from ..evaluation import OK
from ..files import program
from ..shown import say
from ..store.points_file import NAME
from . import animation as film
from . import pictures_scatter, style
from .captions import write_caption
from .command import Drawer, functions, picture_folder, picture_name

PANELS = ("corner", "profiles", "profile_pairs")    # pictures with panels for each column
LONGEST = 100   # characters of the columns in the name of a file


def scatter(run, options):
    """Two columns against each other, --x and --y, with --c as colour; the exit code."""
    if not (options.x and options.y):
        raise InputError(f"--x and --y are both needed, for example: {program()} plot "
                         f"{options.run} --x {run.parameters[0]} --y {run.value_name}")
    if set(options.log or "") - set("xyc"):
        raise InputError(f"--log {options.log}: expected one or more of the letters x, y and c, "
                         "like --log xc.")
    with style.drawing(run.style):
        figure = pictures_scatter.scatter(run, options.x, options.y, options.c, options.log)
        names = [n for n in (options.x, options.y, options.c) if n]
        folder = picture_folder(run)
        name = "scatter_" + "_".join(picture_name(n) for n in names)
        for path in style.save(figure, folder / name):
            say(f"  {path}")
        say(f"  {write_caption(run, folder / name, 'scatter', names)}: its caption")
    return 0


def panels(run, options):
    """Corner, profiles and pairs of the columns that are asked for."""
    names = [name.strip() for name in options.columns.split(",") if name.strip()]
    if not names or len(set(names)) < len(names):
        raise InputError(f"--columns {options.columns}: expected different columns of {NAME} with "
                         f"commas between, like {','.join(run.parameters[:2])},{run.value_name}.")
    for name in names:
        if not np.isfinite(run.column(name)).any():
            raise InputError(f"--columns: {name} has no number at any point.")
    run = replace(run, asked=tuple(names))
    end = "_" + "_".join(map(picture_name, names))
    drawer = Drawer(run, picture_folder(run), ("png", "pdf"), end[:LONGEST])
    answers = drawer.evaluate(np.array([[list(functions()).index(name)] for name in PANELS]), None)
    for answer in answers:
        if answer.reason:
            say(f"  {answer.reason}" + " with .pdf and .txt" * (answer.status == OK))
    return int(any(answer.status != OK for answer in answers))


def animation(run, options):
    """The points of each iteration as a film; the exit code."""
    folder = picture_folder(run)
    with style.drawing(run.style):
        for name in filter(None, (options.x, options.y)):
            run.column(name)  # says what is wrong with it before the first frame
        names = film.columns_of(run, options.x, options.y)
        paths, notes = film.animate(run, folder / "animation", names)
        paths.append(write_caption(run, folder / "animation", "animation", names))
    for line in (*paths, *notes):
        say(f"  {line}")
    return 0
