"""When: the daemon, its few jobs, and dispatch to workers."""
