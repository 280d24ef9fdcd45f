"""The code that README.md and docs/*.md show, as blocks that tests can run."""

import ast
import re
from pathlib import Path
from typing import NamedTuple

from mlscanner.config.settings import settings

PROJECT = Path(__file__).resolve().parents[1]
PAGES = ("README.md", "CONTRIBUTING.md", *sorted(
    f"docs/{path.name}" for path in (PROJECT / "docs").glob("*.md")))
SHELL = ("bash", "sh")
FENCE = re.compile(r"^( *)```(\S*)[^\n]*\n(.*?)^\1```", re.DOTALL | re.MULTILINE)


class Block(NamedTuple):
    """A fenced block of a page."""

    page: str
    line: int
    language: str
    text: str

    def __str__(self):
        return f"{self.page}, line {self.line}"

    @property
    def file(self):
        """The name in its first line, when that is a comment with the name of a Python file."""
        match = re.match(r"# (\S+\.py)\b", self.text)
        return match[1] if match else ""

    @property
    def is_input(self):
        """It gives values to settings: a part of an input file."""
        return self.language == "python" and bool(names_given(self.text) & settings().keys())


def read(page):
    """Text of a page."""
    return (PROJECT / page).read_text(encoding="utf-8")


def blocks(page):
    """The fenced blocks of a page, in order."""
    text = read(page)
    return [Block(page, text.count("\n", 0, m.start()) + 1, m[2], m[3])
            for m in FENCE.finditer(text)]


def prose(page):
    """The page without its fenced blocks."""
    return FENCE.sub("", read(page))


def command_lines(text):
    """The command lines of a block, without comments; a line that goes on is one."""
    lines = [line.split(" #")[0].strip() for line in text.replace("\\\n", " ").splitlines()]
    return [" ".join(line.split()) for line in lines if line and not line.startswith("#")]


def steps(page):
    """What a reader of a page does, in order: command lines, and blocks of Python that are scripts,
    no files and no part of an input file. The Python of docs/extending.md is test_extending.py."""
    found = []
    for block in blocks(page):
        if block.language in SHELL:
            found += command_lines(block.text)
        elif block.language == "python" and not (
                block.file or block.is_input or page == "docs/extending.md"):
            found.append(block)
    return found


def names_given(text):
    """Names at the top level that get a value, or have their method called."""
    names = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Assign):
            targets = [part for t in node.targets for part in getattr(t, "elts", [t])]
            names |= {t.id for t in targets if isinstance(t, ast.Name)}
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            names |= {node.func.value.id} if isinstance(node.func.value, ast.Name) else set()
    return names
