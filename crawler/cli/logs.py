"""Logs as the command line sets them up."""

from crawler.logs import LEVELS, set_up

__all__ = ["LEVELS", "set_up"]
