"""The short account of a conversation: what the citizen confirms and the post reads first."""

from collections.abc import Sequence

from ayni.qhali.extraction import Fact, Severity, Status


def narrative(facts: Sequence[Fact]) -> str:
    """ "Tos con flema desde el 05/11, fiebre. Niega tos con sangre, falta de aire." """
    facts = [fact for fact in facts if fact.is_recorded]
    present = [_present(fact) for fact in facts if fact.status is Status.PRESENT]
    absent = [fact.term for fact in facts if fact.status is Status.ABSENT]
    doubtful = [fact.term for fact in facts if fact.status is Status.UNCERTAIN]
    sentences = [
        _sentence("", present),
        _sentence("niega ", absent),
        _sentence("no sabe si tiene ", doubtful),
    ]
    return " ".join(filter(None, sentences))


def _present(fact: Fact) -> str:
    how = " fuerte" if fact.severity is Severity.SEVERE else ""
    when = f" desde el {fact.since:%d/%m}" if fact.since else ""
    return f"{fact.term}{how}{when}"


def _sentence(opening: str, terms: Sequence[str]) -> str:
    text = opening + ", ".join(terms)
    return f"{text[0].upper()}{text[1:]}." if terms else ""
