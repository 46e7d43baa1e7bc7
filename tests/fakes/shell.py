"""The command line in this very process: what it prints and how it exits, without a start-up."""

from __future__ import annotations

import io
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass

import structlog

from crawler.cli import main


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    returncode: int
    stdout: str
    stderr: str


def run(*arguments: str, env: dict[str, str] | None = None) -> Done:
    """Run `raisewire ARGUMENTS…`; for commands that neither fork nor listen to signals."""
    out, err = io.StringIO(), io.StringIO()
    with _around(arguments, env or {}), redirect_stdout(out), redirect_stderr(err):
        try:
            main()
            code: object = 0
        except SystemExit as ended:
            code = ended.code
    return Done(
        code if isinstance(code, int) else int(code is not None), out.getvalue(), err.getvalue()
    )


@contextmanager
def _around(arguments: tuple[str, ...], env: dict[str, str]) -> Iterator[None]:
    """Lend the process our arguments and environment, and give its logging back afterwards."""
    root = logging.getLogger()
    kept = sys.argv, dict(os.environ), root.handlers[:], root.level
    sys.argv = ["raisewire", *arguments]
    os.environ.update(env)
    try:
        yield
    finally:
        sys.argv, environ, root.handlers[:], root.level = kept
        os.environ.clear()
        os.environ.update(environ)
        structlog.reset_defaults()
