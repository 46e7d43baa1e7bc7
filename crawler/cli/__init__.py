"""
The command line. One file per group of commands; each is a door to one verb.

Data goes to standard output, everything else to standard error. Exit codes: 0 done, 1 it
did not work, 2 bad usage or config, 130 interrupted. What a user can cause is one clear
line; a traceback is a bug of ours.
"""

from __future__ import annotations

import os
import sys

from crawler.errors import ConfigError, RaisewireError, UsageError


def main() -> None:
    """Run the `raisewire` command and exit with its code."""
    from crawler.cli.app import app

    code = 0
    try:
        app(args=globals_first(sys.argv[1:]))
    except (ConfigError, UsageError) as error:
        code = _told(str(error), 2)
    except RaisewireError as error:
        code = _told(str(error), 1)
    except BrokenPipeError:  # the reader of our pipe has seen enough
        pass_on = os.open(os.devnull, os.O_WRONLY)
        os.dup2(pass_on, sys.stdout.fileno())
    sys.exit(code)


def globals_first(arguments: list[str]) -> list[str]:
    """Let the global options stand anywhere: move them before the command."""
    first: list[str] = []
    rest: list[str] = []
    waiting = iter(arguments)
    for argument in waiting:
        if argument == "--":
            rest += [argument, *waiting]
        elif argument in {"--config", "--log-format"}:
            first += [argument, *([value] if (value := next(waiting, None)) else [])]
        elif argument in {"--verbose", "-v"} or argument.startswith(("--config=", "--log-format=")):
            first.append(argument)
        else:
            rest.append(argument)
    return first + rest


def _told(message: str, code: int) -> int:
    from crawler.safe import one_line, redact

    print(f"raisewire: {one_line(redact(message), 2000)}", file=sys.stderr)
    return code
