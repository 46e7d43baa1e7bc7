"""
The outbox: alerts on their way, each row one deal revision for one channel.

The one door to `delivery` (put in, claim, finish), `ledger` (look, put right) and `silences`.
"""

from crawler.store.delivery import (
    bind,
    claim,
    claim_many,
    claim_these,
    due,
    enqueue,
    finish,
    pending_channels,
    release,
    unclaim,
)
from crawler.store.ledger import (
    attempts,
    dead,
    drop,
    get,
    held,
    hold_channel,
    listing,
    release_channel,
    requeue,
    stats,
    told,
    trouble,
)
from crawler.store.letters import (
    ChannelStats,
    ChannelTrouble,
    Claim,
    State,
    StoredAlert,
    Told,
    Verdict,
)
from crawler.store.silences import (
    Silence,
    end_silence,
    silence,
    silences,
)

__all__ = [
    "ChannelStats",
    "ChannelTrouble",
    "Claim",
    "Silence",
    "State",
    "StoredAlert",
    "Told",
    "Verdict",
    "attempts",
    "bind",
    "claim",
    "claim_many",
    "claim_these",
    "dead",
    "drop",
    "due",
    "end_silence",
    "enqueue",
    "finish",
    "get",
    "held",
    "hold_channel",
    "listing",
    "pending_channels",
    "release",
    "release_channel",
    "requeue",
    "silence",
    "silences",
    "stats",
    "told",
    "trouble",
    "unclaim",
]
