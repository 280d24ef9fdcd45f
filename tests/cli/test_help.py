"""The help of each command, completion by the shell, and the input files that `init` writes."""

import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from mlscanner.auxiliary import Pool, make_calculator
from mlscanner.cli import commands
from mlscanner.cli.check import TROUBLE
from mlscanner.cli.main import main
from mlscanner.config.scan_config import load_config
from mlscanner.errors import InputError
from mlscanner.evaluation import OK
from mlscanner.files import program
from mlscanner.models.registry import ALIASES, MODELS
from mlscanner.space.parameters import Box

WORDS = [*MODELS, *ALIASES, "check", "completion", *commands.OTHERS]


def help_of(word, capsys):
    """What `WORD --help` prints."""
    with pytest.raises(SystemExit) as ended:
        main([word, "--help"])
    assert ended.value.code == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("word", WORDS)
def test_each_help_has_a_description_and_an_example(word, capsys):
    """What the command does, in a sentence, and a command line that can be typed."""
    text = help_of(word, capsys)
    before_options = text.partition("options:")[0].partition("\n\n")[2]
    assert len(before_options.split()) > 3, text
    example = re.search(r"[Ee]xamples?\b.*", text, re.DOTALL)
    assert example, text
    assert f"{program()} {word} " in " ".join(example[0].split()), text


@pytest.mark.parametrize("word", WORDS)
def test_output_is_the_place_of_runs_everywhere(word, capsys):
    """Where a command has --output, it names a folder of run folders; --to is a file."""
    text = " ".join(help_of(word, capsys).split())
    for words in re.findall(r"--output DIR (.*?)(?: --|$)", text):
        assert "run folder" in words
    assert "--output FILE" not in text
    assert all(re.match(r"FILE|\w+\.\w+", word) for word in re.findall(r"--to (\S+)", text))


@pytest.mark.parametrize("shell", [["bash", "--norc"], ["zsh", "-f"]], ids=["bash", "zsh"])
def test_completion(shell, tmp_path, capsys):
    """The printed script is valid; models, commands and a command's options are completed."""
    if not shutil.which(shell[0]):
        pytest.skip(f"there is no {shell[0]}")
    assert main(["completion"]) == 0
    script = tmp_path / "completion"
    script.write_text(capsys.readouterr().out)
    if shell[0] == "zsh":
        subprocess.run([*shell, "-n", script], check=True)
        return
    for typed, there, absent in (("re", {"retarget", "retry"}, {"merge"}),
                                 ("DNNR --acc", {"--accept-difference"}, {"--new"}),
                                 ("predict --s", {"--suggest", "--seed"}, {"--to"}),
                                 ("check --", {"--input"}, {"--more"})):
        words = typed.split()
        found = subprocess.run(
            [*shell, "-c", f"source {script}; COMP_WORDS=(x {typed}); COMP_CWORD={len(words)}; "
             '_mlscanner_words; echo "${COMPREPLY[@]}"'],
            capture_output=True, text=True, check=True)
        assert found.stderr == ""
        assert there <= set(found.stdout.split())
        assert not absent & set(found.stdout.split())


@pytest.mark.parametrize("kind", commands.KINDS)
def test_init_writes_a_file_of_each_kind(kind, tmp_path, capsys):
    """It can be read and evaluates a point; the programs that are missing are named."""
    file = tmp_path / "my.py"
    assert main(["init", str(file), "--for", kind]) == 0
    assert f"check --input {file}" in capsys.readouterr().out
    lines = file.read_text().splitlines()
    assert sum("#" in line for line in lines) > 6
    config = load_config(file)
    names = Box.from_config(config).names
    if kind == "spheno":
        with pytest.raises(InputError, match="pathS"):
            make_calculator(config, names)
        return
    if kind == "programs":
        tool = Path(tmp_path, "my_program")
        tool.write_text('#!/bin/sh\necho "omega = 0.12"\n')
        tool.chmod(0o755)
    box = Box.from_config(config)
    x = box.to_physical(np.random.default_rng(1).random((40, box.dim)))
    statuses = [outcome.status for _, outcome in evaluated(config, box, x)]
    assert OK in statuses, statuses
    assert not TROUBLE & set(statuses) - {"raised"}


def evaluated(config, box, x):
    """Points evaluated in this process."""
    with Pool(make_calculator(config, box.names), 0) as pool:
        return list(pool.map(x))


def test_init_leaves_what_is_there(tmp_path, capsys):
    """A second `init` of the same name is refused, whatever its kind."""
    file = tmp_path / "my.py"
    main(["init", str(file)])
    before = file.read_bytes()
    assert main(["init", str(file), "--for", "thdm"]) == 2
    assert file.read_bytes() == before
    assert "exists already" in capsys.readouterr().err
