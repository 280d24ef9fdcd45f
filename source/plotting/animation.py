"""The model's suggestions, iteration by iteration, as GIF and, where ffmpeg is, as MP4."""

import shutil
import tempfile
from pathlib import Path

import numpy as np

from ..calculators.functions import TEST_FUNCTIONS
from ..files import write_atomic
from ..parallel.processes import run_program
from ..statistics.unseen import RANDOM
from . import style
from .ticks import set_ticks

INCHES, DPI = 3.6, 110      # of a frame
MOST_FRAMES = 60            # of longer runs every so many iterations are put into one frame
MOST_DOTS = 4000            # of each kind in a frame
SECONDS, LAST = 0.7, 3.0    # a frame is shown; the last one
GIF_COLOURS = 48
ENCODER = ["-framerate", f"{1 / SECONDS:.6g}", "-i", "%04d.png", "-c:v", "libx264", "-r", "25",
           "-pix_fmt", "yuv420p", "-vf", "pad=ceil(iw/2)*2:ceil(ih/2)*2", "-movflags",
           "+faststart", "film.mp4"]


def columns_of(run, x=None, y=None):
    """The columns of an animation: those given; else the only parameter and the value, all three,
    or the first two."""
    names = (x, y) if x and y else run.scanned[:3 if len(run.scanned) == 3 else 2]
    return (*names, run.value_name) if len(names) == 1 else tuple(names)


def animate(run, path, names):
    """Write `path`.gif, and `path`.mp4 where ffmpeg exists.

    Parameters
    ----------
    run : RunData
    path : Path
        Without its ending.
    names : tuple of str
        Two columns for a plane, or three for a space (`columns_of`).

    Returns
    -------
    written : list of Path
    notes : list of str
    """
    from PIL import Image
    groups = frame_groups(run.table["iteration"])
    with tempfile.TemporaryDirectory() as folder:
        frames = [_frame(run, names, first, last, i / max(1, len(groups) - 1))
                  for i, (first, last) in enumerate(groups)]
        written = [_gif(frames, Path(f"{path}.gif"))]
        for i, frame in enumerate(frames + [frames[-1]] * round(LAST / SECONDS)):
            Image.fromarray(frame).save(Path(folder, f"{i:04d}.png"))
        film, note = _film(Path(folder), Path(f"{path}.mp4"))
    return written + film, note


def frame_groups(iteration):
    """(first, last) iteration of each frame; the first design is alone in its frame."""
    last = int(iteration.max())
    step = -(-last // (MOST_FRAMES - 1)) or 1
    return [(0, 0)] + [(i, min(i + step - 1, last)) for i in range(1, last + 1, step)]


def _frame(run, names, first, last, turn):
    """One frame as an array (h, w, 3) of bytes."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    fig = Figure(figsize=(INCHES, INCHES + 0.35), dpi=DPI)
    canvas = FigureCanvasAgg(fig)
    ax = _space(fig, turn) if len(names) == 3 else fig.add_axes((0.15, 0.13, 0.82, 0.74))
    iteration = run.table["iteration"]
    earlier, now = iteration < first, (iteration >= first) & (iteration <= last)
    random = np.isin(run.table["origin"], RANDOM)
    if len(names) == 2:
        _outline(ax, run)
    for rows, colour, size, text in (
            (earlier & ~run.inside, style.PALE, 1.5, None),
            (earlier & run.inside, style.GOOD, 2.0, "in target, from before"),
            (now & random, style.BLACK, 2.5, "random, evaluated now"),
            (now & ~random, style.RED, 3.0, "suggested by the model, evaluated now")):
        shown = style.some(rows, MOST_DOTS)
        points = [run.axis(n)(run.table[n][shown]) for n in names]
        ax.plot(*points, ls="", marker="o", ms=size, mew=0, color=colour, label=text)
    _dress(fig, ax, run, names, (first, last))
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3].copy()


def _space(fig, turn):
    from mpl_toolkits.mplot3d import Axes3D
    ax = Axes3D(fig, (0.0, 0.02, 0.93, 0.86))
    fig.add_axes(ax)
    ax.view_init(elev=22, azim=-70 + 30 * turn)
    ax.set_box_aspect((1, 1, 0.9), zoom=0.9)
    return ax


def _outline(ax, run):
    """The edges of the target, where the run is one of the two-dimensional test function."""
    name = run.settings.get("settings", {}).get("Calculator")
    function, dim = TEST_FUNCTIONS.get(name, (np.sum, 0))
    edges = [e for e in run.band if np.isfinite(e)]
    if dim != 2 or not edges:
        return
    x, y = (np.linspace(low, high, 200) for low, high in map(run.span, run.scanned))
    grid = np.stack([a.ravel() for a in np.meshgrid(x, y)], axis=1)
    ax.contour(x, y, function(grid).reshape(len(y), len(x)), edges, colors=style.GREY,
               linewidths=0.5)


def _dress(fig, ax, run, names, group):
    setters = [(ax.xaxis, ax.set_xlim, ax.set_xlabel), (ax.yaxis, ax.set_ylim, ax.set_ylabel)]
    if len(names) == 3:
        setters.append((ax.zaxis, ax.set_zlim, ax.set_zlabel))
        ax.tick_params(labelsize=6, pad=0)
    for (axis, limits, text), name in zip(setters, names, strict=True):
        if name in run.scanned:
            limits(*run.span(name))
        text(run.axis(name).text)
        if run.axis(name).log:
            set_ticks(axis, run.axis(name), run.span(name))
    known = run.table["iteration"] <= group[1]
    which = f"{group[0]}" if group[0] == group[1] else f"{group[0]} to {group[1]}"
    fig.text(0.02, 0.985, f"iteration {which}:  {style.thousands(int(known.sum()))} evaluated, "
             f"{style.thousands(int((known & run.inside).sum()))} in the target", va="top")
    fig.legend(*ax.get_legend_handles_labels(), loc="upper left", bbox_to_anchor=(0.0, 0.96),
               ncols=3, fontsize=5.5, columnspacing=0.8, handletextpad=0.1, markerscale=1.3)


def _gif(frames, path):
    """A looping GIF; all frames share few colours, which keeps it small."""
    import io

    from PIL import Image
    palette = Image.fromarray(frames[-1]).quantize(GIF_COLOURS, dither=Image.Dither.NONE)
    images = [Image.fromarray(f).quantize(palette=palette, dither=Image.Dither.NONE)
              for f in frames]
    times = [round(1000 * SECONDS)] * (len(images) - 1) + [round(1000 * LAST)]
    buffer = io.BytesIO()
    images[0].save(buffer, format="GIF", save_all=True, append_images=images[1:], loop=0,
                   duration=times, optimize=True)
    write_atomic(path, buffer.getvalue())
    return path


def _film(folder, path):
    """([path], notes): the frames in `folder` as MP4, or nothing and why."""
    program = shutil.which("ffmpeg")
    if program is None:
        return [], ["No MP4: there is no ffmpeg. Install it (Debian, Ubuntu: sudo apt install "
                    "ffmpeg; macOS: brew install ffmpeg) if you want one."]
    result = run_program([program, "-nostdin", "-loglevel", "error", *ENCODER], folder, 300.0)
    film = folder / "film.mp4"
    if result.trouble or result.code or not film.exists() or not film.stat().st_size:
        why = result.reason or result.output.strip().splitlines()[-1:] or result.code
        return [], [f"No MP4: ffmpeg failed ({why})."]
    write_atomic(path, film.read_bytes())
    return [path], []
