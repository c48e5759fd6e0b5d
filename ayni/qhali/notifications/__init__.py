"""What a citizen is told at every state, and the Communication that keeps it."""

from ayni.qhali.notifications.communication import communication
from ayni.qhali.notifications.sentences import Telling, sentence

__all__ = ["Telling", "communication", "sentence"]
