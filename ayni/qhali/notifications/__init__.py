"""The loop back: what a citizen is told at every state, through which channels, and what they answer."""

from ayni.qhali.notifications.answers import Answers, NotAsked
from ayni.qhali.notifications.board import NoticeBoard
from ayni.qhali.notifications.communication import communication, communication_of
from ayni.qhali.notifications.contacts import InvalidAddress
from ayni.qhali.notifications.notice import Told, is_urgent, write_notice
from ayni.qhali.notifications.outside import outside
from ayni.qhali.notifications.postman import Postman
from ayni.qhali.notifications.sentences import Telling, sentence
from ayni.qhali.notifications.statements import SCHEMA
from ayni.qhali.notifications.timers import set_timers

__all__ = [
    "SCHEMA",
    "Answers",
    "InvalidAddress",
    "NotAsked",
    "NoticeBoard",
    "Postman",
    "Telling",
    "Told",
    "communication",
    "communication_of",
    "is_urgent",
    "outside",
    "sentence",
    "set_timers",
    "write_notice",
]
