"""The SQL of contacts, notices, attempts and timers, by name; the words are in `store.sql`."""

from ayni.wire.statements import statements

STATEMENTS = statements("ayni.qhali.notifications")
SCHEMA = STATEMENTS["schema"]
