"""The animation: GIF always, MP4 where ffmpeg is; also for long runs and many parameters."""

import shutil

import numpy as np
import pytest
from PIL import Image

from mlscanner.plotting import animation
from mlscanner.plotting import command as plots
from plot_runs import make_run


@pytest.mark.slow
@pytest.mark.parametrize("dim", [1, 2, 3, 5])
def test_gif_has_a_frame_for_each_iteration(tmp_path, dim, monkeypatch, capsys):
    """In a plane for any number of parameters, in space for three; without ffmpeg it says so."""
    monkeypatch.setattr(animation.shutil, "which", lambda name: None)
    folder = make_run(tmp_path / "RFR", dim=dim, n=60, iterations=3)
    assert plots.plot_command([str(folder), "--animate"]) == 0
    with Image.open(folder / "pictures" / "animation.gif") as gif:
        assert gif.n_frames == 3
        assert gif.info["loop"] == 0
    assert "No MP4: there is no ffmpeg" in capsys.readouterr().out


def test_film_where_ffmpeg_is(tmp_path):
    """The MP4 holds all frames, the last one for longer."""
    if not shutil.which("ffmpeg"):
        pytest.skip("ffmpeg is not installed")
    folder = make_run(tmp_path / "RFR", dim=2, n=40, iterations=2)
    assert plots.plot_command([str(folder), "--animate"]) == 0
    film = (folder / "pictures" / "animation.mp4").read_bytes()
    assert film[4:8] == b"ftyp" and len(film) > 5000


def test_a_failing_ffmpeg_is_said(tmp_path, monkeypatch):
    """An ffmpeg that fails leaves the GIF, and a sentence."""
    program = shutil.which("false")
    monkeypatch.setattr(animation.shutil, "which", lambda name: program)
    assert animation._film(tmp_path, tmp_path / "film.mp4")[1][0].startswith("No MP4: ffmpeg")
    assert not (tmp_path / "film.mp4").exists()


@pytest.mark.parametrize("last", [0, 1, 5, 59, 60, 500])
def test_long_runs_get_few_frames(last):
    """Every iteration is in exactly one frame, and there are never more than 60."""
    groups = animation.frame_groups(np.arange(last + 1))
    assert len(groups) <= animation.MOST_FRAMES
    covered = [i for first, end in groups for i in range(first, end + 1)]
    assert covered == list(range(last + 1))
