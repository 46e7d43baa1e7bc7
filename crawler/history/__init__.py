"""
The history of the web: deals out of WARC archives (ISO 28500), such as Common Crawl's news.

    places      paths, globs, addresses and dates become a list of archives     places.py
    archive     one archive, record by record, from disk or over HTTP           archive.py
    gate        what cannot hold a deal is left before it costs anything        gate.py
    finding     one archive becomes a part: the articles with deals in them     finding.py
    parts       archives side by side, each once, over crashes and restarts     parts.py
    telling     all parts in order of date, copies told once, into the house    telling.py
    trove       the same search as a datatrove step (extra `backfill`)          trove.py

The functions that read a page are those of the daemon. Nothing here alerts anybody.
"""
