"""Who plays: the citizen, the staff of the record, the engine's operator. Each uses only its own door."""
