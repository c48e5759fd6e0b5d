"""The SQL of drafts, requests and timelines, by name; the words are in `store.sql`."""

from ayni.wire.statements import statements

STATEMENTS = statements("ayni.qhali.requests")
SCHEMA = STATEMENTS["schema"]
