"""Which characters of which answer each fact comes from, who heard them so, who told, and who typed.

FHIR R4 Provenance, one for the rules and one for the language model that had a part. The extension text-span
{turn, start, end, fact} is ours: the quote is the answer's text from `start` up to `end`.
"""

from ayni.qhali.extraction import Fact
from ayni.qhali.intake.enterer import ENTERER, reference_to
from ayni.qhali.intake.findings import roles
from ayni.qhali.intake.names import Names
from ayni.qhali.intake.submission import Submission
from ayni.qhali.intake.teller import teller
from ayni.qhali.intake.transparency import AIAST, ARTIFICIAL_INTELLIGENCE, MODEL, RULES
from ayni.vocabulary.fhir import Resource, systems

PARTICIPANT_TYPE = "http://terminology.hl7.org/CodeSystem/provenance-participant-type"

Found = list[tuple[Fact, str]]


def provenances(submission: Submission, names: Names) -> list[Resource]:
    """The rules' part, and the model's where it had one."""
    findings = list(zip(submission.findings, roles(submission), strict=True))
    by_model = [(fact, role) for fact, role in findings if submission.is_by_model(fact)]
    by_rules = [each for each in findings if each not in by_model]
    found = [_provenance("provenance", RULES, by_rules, ["orientation"], submission, names)]
    if submission.model is not None:
        more = ["orientation"] if submission.orientation.from_model else []
        found.append(_provenance("model-provenance", MODEL, by_model, more, submission, names))
    return found


def _provenance(
    role: str, device: str, found: Found, more: list[str], submission: Submission, names: Names
) -> Resource:
    spans = [_span(fact, each, names) for fact, each in found]
    return {
        "resourceType": "Provenance",
        "id": names.id(role),
        "target": [names.reference(each) for each in (*(role for _, role in found), *more)],
        "recorded": submission.at.isoformat(timespec="seconds"),
        "reason": [{"coding": [AIAST]}],
        "agent": _agents(device, submission, names),
        **({"entity": spans} if spans else {}),
    }


def _agents(device: str, submission: Submission, names: Names) -> list[Resource]:
    """The software that inferred, who told, and the health worker who typed for them."""
    agents = [
        _agent("author", names.reference(device)) | {"role": [ARTIFICIAL_INTELLIGENCE]},
        _agent("informant", teller(submission, names)),
    ]
    if submission.enterer:
        typed_for = {"onBehalfOf": names.reference("patient")}
        agents.append(_agent(ENTERER, reference_to(submission.enterer)) | typed_for)
    return agents


def _agent(code: str, who: Resource) -> Resource:
    return {"type": {"coding": [{"system": PARTICIPANT_TYPE, "code": code}]}, "who": who}


def _span(fact: Fact, role: str, names: Names) -> Resource:
    parts = [
        {"url": "turn", "valueInteger": fact.turn},
        {"url": "start", "valueInteger": fact.start},
        {"url": "end", "valueInteger": fact.end},
        {"url": "fact", "valueReference": names.reference(role)},
    ]
    return {
        "extension": [{"url": systems.TEXT_SPAN, "extension": parts}],
        "role": "source",
        "what": names.reference("answers"),
    }
