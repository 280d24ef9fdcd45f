"""What `./run.sh plot` draws of columns that the user names: scatter, panels, animation."""

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
from .labels import picture_name

PANELS = ("corner", "profiles", "profile_pairs")    # pictures with panels for each column
LONGEST = 100   # characters of the columns in the name of a file


def scatter(run, options, folder):
    """Two columns against each other, --x and --y, with --c as colour; the exit code.

    folder: callable (run) -> folder of its pictures.
    """
    if not (options.x and options.y):
        raise InputError(f"--x and --y are both needed, for example: {program()} plot "
                         f"{options.run} --x {run.parameters[0]} --y {run.value_name}")
    if set(options.log or "") - set("xyc"):
        raise InputError(f"--log {options.log}: expected one or more of the letters x, y and c, "
                         "like --log xc.")
    with style.drawing(run.style):
        figure = pictures_scatter.scatter(run, options.x, options.y, options.c, options.log)
        names = [n for n in (options.x, options.y, options.c) if n]
        name = "scatter_" + "_".join(picture_name(n) for n in names)
        path = folder(run) / name
        for written in style.save(figure, path):
            say(f"  {written}")
        say(f"  {write_caption(run, path, 'scatter', names)}: its caption")
    return 0


def panels(run, options, draw):
    """Corner, profiles and pairs of the columns of --columns; the exit code.

    draw: callable (run, names of pictures, end of the names of the files) -> Evaluations.
    """
    names = [name.strip() for name in options.columns.split(",") if name.strip()]
    if not names or len(set(names)) < len(names):
        raise InputError(f"--columns {options.columns}: expected different columns of {NAME} with "
                         f"commas between, like {','.join(run.parameters[:2])},{run.value_name}.")
    for name in names:
        if not np.isfinite(run.column(name)).any():
            raise InputError(f"--columns: {name} has no number at any point. Give another column.")
    run = replace(run, asked=tuple(names))
    end = "_" + "_".join(map(picture_name, names))
    answers = draw(run, PANELS, end[:LONGEST])
    for answer in answers:
        if answer.reason:
            say(f"  {answer.reason}" + " with .pdf and .txt" * (answer.status == OK))
    return int(any(answer.status != OK for answer in answers))


def animation(run, options, folder):
    """The points of each iteration as a film; the exit code. `folder` as for a scatter."""
    with style.drawing(run.style):
        for name in filter(None, (options.x, options.y)):
            run.column(name)  # says what is wrong with it before the first frame
        names = film.columns_of(run, options.x, options.y)
        path = folder(run) / "animation"
        paths, notes = film.animate(run, path, names)
        paths.append(write_caption(run, path, "animation", names))
    for line in (*paths, *notes):
        say(f"  {line}")
    return 0
