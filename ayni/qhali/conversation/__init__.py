"""The interview: turns, the facts they add up to, and the next question worth asking."""

from ayni.qhali.conversation.conversation import Conversation
from ayni.qhali.conversation.planner import next_question
from ayni.qhali.conversation.questions import OPEN, Question, question
from ayni.qhali.conversation.turns import Turn

__all__ = ["OPEN", "Conversation", "Question", "Turn", "next_question", "question"]
