"""The short account of a conversation: what the citizen confirms and the post reads first."""

from collections.abc import Sequence

from ayni.qhali.conversation import Conversation
from ayni.qhali.extraction import Fact, Severity, Status


def narrative(talk: Conversation) -> str:
    """ "Tos con flema desde el 05/11, fiebre. Niega tos con sangre, falta de aire."

    Where nothing that has a name is present, it begins with the citizen's own words.
    """
    facts = [fact for fact in talk.facts if fact.is_recorded]
    present = [_present(fact) for fact in facts if fact.status is Status.PRESENT]
    absent = [fact.term for fact in facts if fact.status is Status.ABSENT]
    doubtful = [fact.term for fact in facts if fact.status is Status.UNCERTAIN]
    sentences = [
        _sentence("", present) or _sentence("dice: ", [f"«{words}»" for words in told_openly(talk)]),
        _sentence("niega ", absent),
        _sentence("no sabe si tiene ", doubtful),
    ]
    return " ".join(filter(None, sentences))


def told_openly(talk: Conversation) -> list[str]:
    """What was answered where nothing in particular was asked, in the citizen's words."""
    return [turn.text for turn in talk.turns if turn.question.is_open]


def _present(fact: Fact) -> str:
    how = " fuerte" if fact.severity is Severity.SEVERE else ""
    when = f" desde el {fact.since:%d/%m}" if fact.since else ""
    return f"{fact.term}{how}{when}"


def _sentence(opening: str, terms: Sequence[str]) -> str:
    text = opening + ", ".join(terms)
    return f"{text[0].upper()}{text[1:]}." if terms else ""
