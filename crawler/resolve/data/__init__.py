"""Facts the room reads: names, scripts, rates of exchange."""
