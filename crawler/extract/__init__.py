"""Pages to articles: pure CPU, fit for a worker process."""

from crawler.extract.minhash import sketch
from crawler.extract.page import Parsed, parse
from crawler.extract.reading import read, text_of

__all__ = ["Parsed", "parse", "read", "sketch", "text_of"]
