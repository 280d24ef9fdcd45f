"""The tables of docs/how_to_adjust_the_input_file.md, made from settings.py.

    python -m mlscanner.config.settings_doc     writes them into the document again
"""

from dataclasses import fields
from pathlib import Path

from .settings import SECTIONS

BEGIN = "<!-- tables made by source/config/settings_doc.py; do not edit below -->\n"
END = "<!-- end of the tables -->\n"


def tables():
    """Markdown: a heading and a table for each section of settings.py."""
    return "\n".join(_table(cls) for cls in SECTIONS if fields(cls))


def _table(cls):
    rows = [f"## {cls.__doc__.strip().splitlines()[0]}", "",
            "| setting | default | allowed | meaning |", "|---|---|---|---|"]
    for field in fields(cls):
        default = list(field.default) if isinstance(field.default, tuple) else field.default
        check = field.metadata["check"]
        allowed = getattr(check, "expected", "")
        cells = (f"`{field.name}`", f"`{default!r}`", allowed, field.metadata["doc"])
        rows.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(rows) + "\n"


def updated(text):
    """The document `text` with its tables made anew."""
    head, _, rest = text.partition(BEGIN)
    tail = rest.partition(END)[2]
    return head + BEGIN + "\n" + tables() + "\n" + END + tail


if __name__ == "__main__":
    document = Path(__file__).resolve().parents[2] / "docs" / "how_to_adjust_the_input_file.md"
    document.write_text(updated(document.read_text(encoding="utf-8")), encoding="utf-8")
