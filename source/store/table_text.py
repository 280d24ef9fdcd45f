"""points.csv as text: its header, its lines, and the whole of it written anew."""

import csv
import io
from pathlib import Path

from ..files import explained, write_atomic
from ..shown import one_line


def lines(rows):
    """Rows as lines of points.csv, in bytes."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(map(one_line, row) for row in rows)
    return text.getvalue().encode(errors="replace")


def number_cells(numbers):
    """Cells of numbers, as `digits` writes each, with commas between; quick."""
    return ",".join(["nan" if number is None else repr(float(number)) for number in numbers])


def word_cell(word):
    """The cell of a word, as `lines` writes it."""
    text = one_line(word)
    if text.isascii() and text.replace("_", "").replace(" ", "").isalnum():
        return text
    return lines([[text, ""]]).decode()[:-2]    # "" is what follows it: nothing but a comma


def rewrite(path, header, changed):
    """Write a points.csv anew: this header, and each row as `changed` makes it."""
    def new():
        yield lines([header])
        with Path(path).open(newline="", encoding="utf-8") as file:
            rows = csv.reader(file)
            next(rows)
            for row in rows:
                yield lines([changed(row)])

    with explained(path):
        write_atomic(path, new())


def digits(number):
    """Shortest text that reads back as the same number; nan where there is none."""
    return "nan" if number is None else repr(float(number))


def read_header(path):
    """Column names of a points.csv."""
    with Path(path).open(newline="", encoding="utf-8", errors="replace") as file:
        try:
            return [one_line(name) for name in next(csv.reader(file), [])]
        except csv.Error:  # bytes that no text has
            return []
