"""config.yaml: its shape, its strict loader, and the shipped catalogue of sources."""

from crawler.config.catalogue import catalogue, sources
from crawler.config.load import Loaded, load, loads
from crawler.config.models import Config, Http, Watch

__all__ = ["Config", "Http", "Loaded", "Watch", "catalogue", "load", "loads", "sources"]
