"""config.yaml: its shape, its strict loader, and the shipped catalogue of sources."""

from crawler.config.models import Config, Http

__all__ = ["Config", "Http"]
