"""What to ask next: only what can change the level.

First what is wrong, then since when, then up to three warning signs of rules that could still raise the
level. Level I stops the questions: the citizen is told what to do.
"""

from collections.abc import Iterator
from datetime import date

from ayni.qhali.conversation.conversation import Conversation
from ayni.qhali.conversation.questions import (
    AGE,
    OPEN,
    OPEN_AGAIN,
    SEVERE,
    SIGN,
    SINCE,
    Question,
    warning_signs,
)
from ayni.qhali.extraction import Status
from ayni.qhali.redflags import LEVELS, Evidence, Rule, rules

WARNING_SIGNS_MAX = 3


def next_question(conversation: Conversation, today: date) -> Question | None:
    """The next question; None when nothing that could be asked would change the level."""
    if not conversation.turns:
        return OPEN
    evidence = conversation.evidence(today)
    level = conversation.orientation(today).level
    if level == LEVELS[0]:
        return None
    if not conversation.affirmed:
        return OPEN_AGAIN
    if conversation.affirmed[0].since is None and not conversation.asked(SINCE):
        return SINCE
    questions = _worth_asking(conversation, evidence, level)
    if sum(turn.question.kind in (SIGN, SEVERE) for turn in conversation.turns) >= WARNING_SIGNS_MAX:
        questions = (question for question in questions if question.kind == AGE)
    return next(questions, None)


def _worth_asking(conversation: Conversation, evidence: Evidence, level: str | None) -> Iterator[Question]:
    """Unanswered warning signs of rules that could still raise the level, the most urgent rules first."""
    present = {fact.concept for fact in conversation.affirmed}
    for urgent in LEVELS[: LEVELS.index(level or LEVELS[-1])]:
        undecided = [rule for rule in rules() if rule.level == urgent and rule.holds(evidence) is None]
        for question in warning_signs():
            if (
                question.when & present
                and not conversation.asked(question)
                and any(_would_tell(question, rule, evidence) for rule in undecided)
            ):
                yield question


def _would_tell(question: Question, rule: Rule, evidence: Evidence) -> bool:
    """Whether the answer would decide a condition of the rule that is unknown now."""
    concept = question.concept
    if concept not in rule.concepts:
        return False
    if question.kind == AGE:
        return evidence.persona.age is None and _only_age_is_missing(rule, evidence)
    fact = evidence.fact(concept) if concept else None
    if question.kind == SEVERE:
        return fact is not None and fact.status is Status.PRESENT and fact.severity is None
    return fact is None


def _only_age_is_missing(rule: Rule, evidence: Evidence) -> bool:
    return all(atom.name == AGE for atom in rule.undecided(evidence))
