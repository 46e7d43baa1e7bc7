"""Everything between the desk and the wire: one polite, guarded, permanent run."""

from crawler.fetch.engine import crawl
from crawler.fetch.guard import check_address, checker
from crawler.fetch.urls import canonical, host_of, url_key

__all__ = ["canonical", "check_address", "checker", "crawl", "host_of", "url_key"]
