"""Citizens' requests: how they are taken in, read, listed and moved from state to state."""
