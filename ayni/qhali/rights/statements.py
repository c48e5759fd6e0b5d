"""The SQL of reading everything kept about a request, and of forgetting it; the words are in `store.sql`."""

from ayni.wire.statements import statements

STATEMENTS = statements("ayni.qhali.rights")
SCHEMA = STATEMENTS["schema"]
