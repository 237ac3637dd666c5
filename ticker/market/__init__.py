"""Pure rules: instruments, observations to quotes, calendars, freshness, the snapshot."""
