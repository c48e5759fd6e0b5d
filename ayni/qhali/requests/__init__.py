"""Drafts, requests and their timelines: what QHALI keeps, each change with what must travel."""

from ayni.qhali.requests.drafts import Draft, Drafts, TooManyTurns
from ayni.qhali.requests.receiver import StateReceiver
from ayni.qhali.requests.requests import Request, Requests, TimelineEntry
from ayni.qhali.requests.statements import SCHEMA

__all__ = [
    "SCHEMA",
    "Draft",
    "Drafts",
    "Request",
    "Requests",
    "StateReceiver",
    "TimelineEntry",
    "TooManyTurns",
]
