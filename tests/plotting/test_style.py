"""How a picture is saved: laid out, with numbers that are quick to draw."""

import pytest

from mlscanner.plotting import style


def test_numbers_of_ticks_are_plain_and_the_power_of_ten_is_a_formula(tmp_path):
    """No tick is read as TeX, which takes long; what all are times stands beside the axis."""
    with style.drawing():
        figure = style.figure()
        ax = figure.subplots()
        ax.plot([0, 3e7], [-1, 1])
        style.save(figure, tmp_path / "plain", ("png",))
    across, up = ([tick.get_text() for tick in labels]
                  for labels in (ax.get_xticklabels(), ax.get_yticklabels()))
    assert "0.5" in across and "\N{MINUS SIGN}0.5" in up
    assert not any("$" in text for text in across + up)
    assert ax.xaxis.get_offset_text().get_text().startswith(r"$\times\mathdefault{10^{7}}")


def test_a_saved_picture_is_laid_out(tmp_path):
    """Labels that would be cut find room, and each kind of file has all in the same place: where
    it belongs at the resolution of the PNG."""
    places = []
    for kinds in ((), ("png",), ("pdf",), ("png", "pdf")):
        with style.drawing():
            figure = style.figure()
            ax = figure.subplots()
            ax.set(xticks=[], yticks=[])
            ax.set_ylabel("three\nlong\nlines", fontsize=20)
            if kinds:
                style.save(figure, tmp_path / "large", kinds)
            else:
                figure.set_dpi(style.DPI)
                figure.draw_without_rendering()
        box, whole = figure.get_tightbbox(), figure.bbox_inches
        assert box.x0 >= 0 and box.y0 >= 0 and box.x1 <= whole.x1 and box.y1 <= whole.y1
        places.append(ax.get_position().bounds)
    assert all(place == pytest.approx(places[0], abs=1e-6) for place in places)
