"""
The command line. One file per group of commands; each is a door to one verb.

Data goes to standard output, everything else to standard error. Exit codes: 0 done, 1 it
did not work, 2 bad usage or config, 130 interrupted. What a user can cause is one clear
line; a traceback is a bug of ours.
"""

from __future__ import annotations

import os
import sys

import click

from crawler.errors import ConfigError, RaisewireError, UsageError


def main() -> None:
    """Run the `raisewire` command and exit with its code."""
    from crawler.cli.app import app

    try:
        code = app(args=globals_first(sys.argv[1:]), standalone_mode=False)
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except (ConfigError, UsageError) as error:
        code = _told(str(error), 2)
    except RaisewireError as error:
        code = _told(str(error), 1)
    except (KeyboardInterrupt, click.Abort):
        code = _told("interrupted", 130)
    except BrokenPipeError:  # the reader of our pipe has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    sys.exit(code if isinstance(code, int) else 0)


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
