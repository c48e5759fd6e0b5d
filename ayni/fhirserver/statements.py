"""The SQL of the FHIR store, by name; the words are in `store.sql`."""

from ayni.wire.statements import statements

STATEMENTS = statements("ayni.fhirserver")
SCHEMA = STATEMENTS["schema"]
