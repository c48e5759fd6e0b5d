"""Who looked at what and who did what: written first, never changed, chained so that it can be verified."""
