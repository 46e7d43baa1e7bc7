"""
Is this the deal we already know? Pure decisions: reports in, deals out.

    names, fx = Names.load(watchlist), Fx()
    block = …deals filed under block_keys(report, names, fx)…
    resolution = resolve(report, block, names=names, fx=fx)
"""

from crawler.resolve.blocking import BY_THE_WEEK, block_keys, company_keys
from crawler.resolve.copies import similarity
from crawler.resolve.deals import Resolution, as_of, resolve
from crawler.resolve.entities import Entity, Names
from crawler.resolve.fx import Fx
from crawler.resolve.pairs import alias_pairs, paired
from crawler.resolve.review import Act, Constraint, confirm, correct, merge, reject, split

__all__ = [
    "BY_THE_WEEK",
    "Act",
    "Constraint",
    "Entity",
    "Fx",
    "Names",
    "Resolution",
    "alias_pairs",
    "as_of",
    "block_keys",
    "company_keys",
    "confirm",
    "correct",
    "merge",
    "paired",
    "reject",
    "resolve",
    "similarity",
    "split",
]
