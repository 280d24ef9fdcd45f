"""`./run.sh completion`: what bash or zsh needs to complete words after Tab."""

import argparse
import contextlib
import io
import re

from ..files import program
from ..shown import say

SCRIPT = """\
# Completion for bash and zsh; put it into a file and read it in ~/.bashrc or ~/.zshrc:
#   {program} completion > ~/.mlscanner_completion
#   echo 'source ~/.mlscanner_completion' >> ~/.bashrc
if [ -n "${{ZSH_VERSION-}}" ]; then autoload -U +X bashcompinit && bashcompinit; fi
_mlscanner_words() {{
  local now=${{COMP_WORDS[COMP_CWORD]}} words=""
  if [ "$COMP_CWORD" = 1 ]; then
    words="{first}"
  else
    case ${{COMP_WORDS[1]}} in
{cases}
    esac
    case $now in -*) ;; *) words="" ;; esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$now"))
}}
complete -o default -F _mlscanner_words ./run.sh run.sh mlscanner
"""


def completion_command(rest, words):
    """Print the script.

    Parameters
    ----------
    rest : sequence of str
        Words after `completion`.
    words : dict of str to callable
        Each first word with a function that takes further words, as `main` does.

    Returns
    -------
    int
        Exit code.
    """
    argparse.ArgumentParser(
        prog=f"{program()} completion", allow_abbrev=False,
        description="Prints a script with which bash or zsh completes models, commands and options "
                    "after Tab.",
        epilog=f"Example: {program()} completion > ~/.mlscanner_completion; then write "
               "'source ~/.mlscanner_completion' into ~/.bashrc or ~/.zshrc").parse_args(rest)
    cases = "\n".join(f'      {word}) words="{" ".join(options(call))}" ;;'
                      for word, call in words.items())
    say(SCRIPT.format(program=program(), cases=cases, first=" ".join([*words, "test"])), end="")
    return 0


def options(call):
    """The options that the help of a command names."""
    text = io.StringIO()
    with contextlib.redirect_stdout(text), contextlib.suppress(SystemExit):
        call(["--help"])
    return sorted(set(re.findall(r"(?<![\w-])--[a-z][a-z-]*[a-z]", text.getvalue())))
