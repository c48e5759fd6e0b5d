"""Connectors: how messages come in and go out. `contract` says what each of them promises."""
