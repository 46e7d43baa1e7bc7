"""The daemon forgets what the config says is not needed any more, and nothing else."""

from datetime import timedelta

from crawler.app import open_house
from crawler.config.models import Config
from crawler.store import articles, outbox
from crawler.store.clock import SharedClock
from scheduler.daemon import Daemon


async def test_bodies_and_alerts_are_kept_as_long_as_the_config_says(sqlite_store, nouns, now):
    policy = {"bodies": "30d", "alerts": "60d"}
    config = Config(database=str(sqlite_store.url), retention=policy)
    moment = [now]
    with open_house(config, lambda: moment[0]) as house:
        with house.store.write() as conn:
            saved = articles.save(conn, nouns.article(), [], now)
            outbox.enqueue(conn, [nouns.alert()], now)
            claim = outbox.claim(conn, "desk", "w", now, timedelta(minutes=1))
            outbox.finish(conn, claim, outbox.Verdict.OK, 200, "", None, now)
        seen = []
        for days in (29, 31, 61):
            moment[0] = now + timedelta(days=days)
            await Daemon(house, lambda: config)._upkeep()
            with house.store.read() as conn:
                words = articles.get(conn, saved.id).article.text
                seen.append((bool(words), len(outbox.listing(conn))))
    assert seen == [(True, 1), (False, 1), (False, 0)]


async def test_a_daemon_looks_at_the_servers_clock_again_and_again(postgres_store):
    config = Config(database=postgres_store.url.render_as_string(hide_password=False))
    with open_house(config, lambda: None) as house:
        steady = [100.0]
        house.clock = SharedClock(house.store, lambda: steady[0])
        steady[0] -= 3  # as if our clock had gone too slowly by so much
        behind = house.clock()
        await Daemon(house, lambda: config)._look()
        assert house.clock() - behind >= timedelta(seconds=3)
