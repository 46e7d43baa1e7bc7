"""Every Scrapy setting that is not Scrapy's default, and why."""

from __future__ import annotations

from typing import Any

from scrapy.settings import Settings

from crawler.config.models import Http

ASYNCIO_REACTOR = "twisted.internet.asyncioreactor.AsyncioSelectorReactor"
HANDLER = "crawler.fetch.handlers.GuardedHandler"
LANGUAGES = "en,zh;q=0.8,ja;q=0.8,*;q=0.5"


def settings(http: Http) -> Settings:
    """Return the settings of a run; a test asserts them on a live crawler."""
    return Settings(_politeness(http) | _limits(http) | _off() | _components(http) | _ours(http))


def _politeness(http: Http) -> dict[str, Any]:
    return {
        "USER_AGENT": http.user_agent,
        "ROBOTSTXT_OBEY": True,  # by our own middleware
        "CONCURRENT_REQUESTS": http.concurrency,  # counts those that wait for their host, too
        "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
        "DOWNLOAD_DELAY": http.per_host_delay.total_seconds(),
        "DOWNLOAD_DELAY_JITTER": 0.0,  # a delay is a promise: never less
        "RETRY_TIMES": 1,  # the frontier does the rest, with patience
        "RETRY_GIVE_UP_LOG_LEVEL": "DEBUG",  # the desk is told
        "RETRY_HTTP_CODES": [],  # an answer is an answer
        "RETRY_EXCEPTIONS": ["scrapy.exceptions.DownloadFailedError"],  # a kept connection died
        "DEFAULT_REQUEST_HEADERS": {
            "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            "Accept-Language": LANGUAGES,
        },
    }


def _limits(http: Http) -> dict[str, Any]:
    return {
        "DOWNLOAD_MAXSIZE": http.max_body,  # of decompressed bytes; Scrapy's default is 1 GiB
        "DOWNLOAD_WARNSIZE": 0,
        "DOWNLOAD_TIMEOUT": http.timeout.total_seconds(),
        "DOWNLOAD_VERIFY_CERTIFICATES": True,
        "DOWNLOAD_FAIL_ON_DATALOSS": True,
        "REDIRECT_MAX_TIMES": 5,
        "DNSCACHE_ENABLED": False,  # Scrapy's never expires: wrong for a run of months
        "DNS_TIMEOUT": 20,
        "URLLENGTH_LIMIT": 0,  # the guard refuses with an outcome; Scrapy drops in silence
        "CONCURRENT_ITEMS": 1,  # an answer yields one item; Scrapy starts so many tasks for it
        "SCRAPER_SLOT_MAX_ACTIVE_SIZE": 4 * http.max_body,
    }


def _off() -> dict[str, Any]:
    return {
        "REMOTE_CONTROL_ENABLED": False,  # it executes Python
        "TELNETCONSOLE_ENABLED": False,
        "COOKIES_ENABLED": False,
        "METAREFRESH_ENABLED": False,
        "HTTPPROXY_ENABLED": False,
        "HTTPCACHE_ENABLED": False,  # re-delivers unchanged feeds
        "REFERER_ENABLED": False,
        "MEMUSAGE_ENABLED": False,
        "LOG_ENABLED": False,  # logging belongs to the application
        "LOG_INSTALL_ROOT_HANDLER": False,
        "LOG_LEVEL": "INFO",
        "LOGSTATS_INTERVAL": 0,
        "STATS_DUMP": False,
        # Grows for ever, and swallows a page that redirects to itself without a word.
        "DUPEFILTER_CLASS": "scrapy.dupefilters.BaseDupeFilter",
        "WARN_ON_GENERATOR_RETURN_VALUE": False,
    }


def _components(http: Http) -> dict[str, Any]:
    return {
        "DOWNLOAD_HANDLERS": {
            "http": HANDLER,
            "https": HANDLER,
            **dict.fromkeys(("data", "file", "ftp", "s3")),
        },
        "DOWNLOADER": "crawler.fetch.one_by_one.Downloader",
        "DOWNLOADER_MIDDLEWARES": {
            "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,
            "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
            "scrapy.downloadermiddlewares.httpauth.HttpAuthMiddleware": None,
            "scrapy.downloadermiddlewares.redirect.RedirectMiddleware": None,
            "crawler.fetch.robots.RobotsMiddleware": 100,
            "crawler.fetch.rights.RightsMiddleware": 150,
            "crawler.fetch.middlewares.Conditional": 200,
            **({"crawler.fetch.rendering.Rendering": 300} if http.browser else {}),
            "crawler.fetch.middlewares.Redirects": 600,
            "crawler.fetch.middlewares.Gate": 890,
        },
        "SPIDER_MIDDLEWARES": {
            "scrapy.spidermiddlewares.httperror.HttpErrorMiddleware": None,  # every status is news
            "scrapy.spidermiddlewares.referer.RefererMiddleware": None,
            "scrapy.spidermiddlewares.urllength.UrlLengthMiddleware": None,
            "scrapy.spidermiddlewares.depth.DepthMiddleware": None,
            "scrapy.spidermiddlewares.metacopy.MetaCopyDetectionMiddleware": None,
        },
        "EXTENSIONS": {
            "scrapy.extensions.telnet.TelnetConsole": None,
            "scrapy.extensions.remote_control.RemoteControl": None,
            "scrapy.extensions.feedexport.FeedExporter": None,
            "scrapy.extensions.logcount.LogCount": None,
        },
        "ITEM_PIPELINES": {"crawler.fetch.handback.HandBack": 100},
    }


def _ours(http: Http) -> dict[str, Any]:
    return {
        "TWISTED_REACTOR_ENABLED": http.reactor,
        "TWISTED_REACTOR": ASYNCIO_REACTOR,
        "RAISEWIRE_ALLOW_PRIVATE": list(http.allow_private),
        "RAISEWIRE_BROWSER": str(http.browser) if http.browser else None,
    }
