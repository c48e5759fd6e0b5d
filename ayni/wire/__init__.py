"""What every system needs to talk and to live: links, outbox, settings, clock, logging, serving."""
