"""How far a message keeps to its version of the standard: order, required fields, repetitions, types, codes.

Source: HL7 v2.3 to v2.8 as `definitions` holds them; what ERR needs as in v2.5.1, chapter 2.15.5.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Final

from ayni.vocabulary.hl7.definitions import VERSIONS, definitions, nearest
from ayni.vocabulary.hl7.elements import ElementCheck
from ayni.vocabulary.hl7.finding import Finding, Location, at_most
from ayni.vocabulary.hl7.grammar import Rule, Walk, rule
from ayni.vocabulary.hl7.message import Message
from ayni.vocabulary.hl7.structures import STRUCTURES

_TYPE: Final = Location("MSH", (1, 9))
_VERSION: Final = Location("MSH", (1, 12))


def validate(message: Message, version: str | None = None) -> list[Finding]:
    """What is not as the standard says, at most `FINDINGS_MAX`: first the order, then segment by segment.

    `version` overrides MSH-12. A version that is not described here is checked as the nearest one, which is
    a finding too. Severities: `E` breaks a rule, `W` a strict receiver may lose, `I` informs.
    Raises nothing on any message that `parse` accepts.
    """
    return at_most(_findings(message, version or message.version), Location("MSH", (1,)))


def _findings(message: Message, version: str) -> Iterator[Finding]:
    known = nearest(version)
    if known != version:
        reason = f"expected a version of {', '.join(VERSIONS)}; checked as {known}"
        yield _VERSION.finding(203, f"La versión no se reconoce; se revisa como {known}.", reason, "W")
    yield from _order(message, known)
    check = ElementCheck(definitions(known), message.encoding)
    met: Counter[str] = Counter()
    for segment in message.segments():
        met[segment.name] += 1
        yield from check.segment(segment, Location(segment.name, (met[segment.name],)))


def _order(message: Message, version: str) -> Iterator[Finding]:
    structure = _structure(message, version)
    if structure is None:
        yield _unknown_type(message)
        return
    known, name = structure
    if known != version:
        reason = f"v{version} has no structure {name}; the order is checked as in v{known}"
        yield _TYPE.finding(201, f"El orden se revisa como en la versión {known}.", reason, "I")
    walk, met = Walk(rule(known, name)), Counter[str]()
    for segment in message.segments():
        met[segment.name] += 1
        where = Location(segment.name, (met[segment.name],))
        if segment.name.startswith("Z"):
            yield where.finding(0, "{} es un segmento propio del emisor.", "{} is a local segment", "I")
            continue
        missing = walk.step(segment.name)
        if missing is None:
            yield where.finding(
                100, "El segmento {} está fuera de lugar.", f"{{}} not expected here in {name}"
            )
        for part in missing or ():
            yield _missing(part, met, name)
    for part in walk.end():
        yield _missing(part, met, name)


def _missing(part: Rule, met: Counter[str], structure: str) -> Finding:
    where = Location(part.lead, (met[part.lead] + 1,))
    group = f", which begins the group {part.name}," if part.parts else ""
    return where.finding(100, "Falta el segmento {}.", f"expected {{}}{group} in {structure}, found none")


def _structure(message: Message, version: str) -> tuple[str, str] | None:
    """The version and name of the structure: as MSH-9.3 says, else as the event implies.

    Where the version lacks it, a later version's is taken, then an earlier one's: events keep their shape.
    """
    code, _, _ = message.type.partition("^")
    names = [message.structure, STRUCTURES.get(message.type, ""), message.type.replace("^", "_")]
    at = VERSIONS.index(version)
    for name in filter(None, [*names, "ACK" if code == "ACK" else ""]):
        for known in (*VERSIONS[at:], *reversed(VERSIONS[:at])):
            if name in definitions(known).structures:
                return known, name
    return None


def _unknown_type(message: Message) -> Finding:
    code, _, _ = message.type.partition("^")
    known = any(listed.partition("^")[0] == code for listed in STRUCTURES)
    text = "No se conoce este tipo de mensaje; su orden no se revisa."
    reason = "expected a message type whose structure is known; the order of segments is not checked"
    return _TYPE.finding(201 if known else 200, text, reason, "W")
