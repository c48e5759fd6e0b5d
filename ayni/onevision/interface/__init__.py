"""The HL7 v2 edge: the listener for requests and the sender of events."""
