"""FHIR's own interface (FHIR R4, section 3.1.0.11): transactions and batches out."""

from dataclasses import dataclass
from typing import Any

from ayni.engine.connectors.contract import Parcel, Sender, World
from ayni.engine.connectors.http_link import Answer, HttpLink, failure_of
from ayni.engine.connectors.secret import bearer_of
from ayni.engine.connectors.sends import Sends
from ayni.engine.connectors.tls import ClientTls
from ayni.vocabulary.fhir import FhirError, loads
from ayni.wire.failure import LinkError, NotTaken, OutcomeUnknown, Refused
from ayni.wire.fhir_link import FHIR_JSON, NO_RECEIVER_STATUSES
from ayni.wire.settings import web_address

PASSING = frozenset({"transient", "lock-error", "no-store", "throttled"})
"""Issue codes (FHIR R4, issue-type) that say nothing against the content."""
NOT_MODIFIED = 304
"""What a conditional entry of a batch may say: what it asks for is so already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FhirTransactionSender:
    """Posts transaction and batch Bundles to the base address of a FHIR server.

    Bundles go as the channel made them. A repeat is harmless when every entry that creates carries
    `ifNoneExist`, or is a PUT; a channel that cannot say so sets `repeat_unknown=False` in its policy. A
    batch is delivered when all of its entries are, and refused as soon as one of them is.
    """

    url: str
    token_file: str = ""
    tls: ClientTls | None = None

    def open(self, world: World, partner: str) -> Sender:
        """See DestinationDeclaration."""
        headers = {"Content-Type": FHIR_JSON, "Accept": FHIR_JSON, "Prefer": "return=minimal"}
        link = HttpLink(
            world.http(),
            headers=headers | bearer_of(world, self.token_file),
            answer_seconds=world.environment.seconds("AYNI_ANSWER_SECONDS"),
            tls=self.tls.open(world) if self.tls else None,
        )
        return _Transactions(link, web_address(world.text(self.url), self.url))


class _Transactions:
    def __init__(self, link: HttpLink, url: str) -> None:
        self._link, self._url = link, url
        self._sends = Sends()

    async def send(self, parcel: Parcel) -> bytes:
        return await self._sends.run(self._send(parcel))

    async def close(self) -> None:
        """The connections belong to the engine's pool."""
        await self._sends.close()

    async def _send(self, parcel: Parcel) -> bytes:
        kind, count = _kind_and_count(parcel.content)
        answer = await self._link.ask("POST", self._url, parcel.content, control_id=parcel.control_id)
        if not answer.is_yes:
            raise _failure_of(answer)
        _check_entries(answer, kind, count)
        return answer.body


def _kind_and_count(content: bytes) -> tuple[str, int]:
    try:
        bundle = loads(content)
    except FhirError as error:
        raise Refused(f"no Bundle to send: {error.issue}") from None
    if bundle.get("resourceType") != "Bundle" or bundle.get("type") not in ("transaction", "batch"):
        raise Refused("expected a transaction or batch Bundle")
    return str(bundle["type"]), len(_entries(bundle))


def _check_entries(answer: Answer, kind: str, count: int) -> None:
    """A page of some other program in between may say 200 too: only an answer to this Bundle settles it."""
    bundle = _resource(answer.body) if answer.is_whole else {}
    entries = _entries(bundle)
    if bundle.get("type") != f"{kind}-response" or len(entries) != count:
        raise OutcomeUnknown("the answer is not to this Bundle", answer=answer.body)
    failures = [failure for entry in entries if (failure := _entry_failure(entry)) is not None]
    if failures:
        refused = any(isinstance(each, Refused) for each in failures)
        raise (Refused if refused else OutcomeUnknown)("part of the batch failed", answer=answer.body)


def _entry_failure(entry: Any) -> LinkError | None:
    response = entry.get("response") if isinstance(entry, dict) else None
    text = str(response.get("status", "")) if isinstance(response, dict) else ""
    status = int(text[:3]) if text[:3].isdecimal() else 0
    answer = Answer(status, b"")
    return None if answer.is_yes or status == NOT_MODIFIED else failure_of(answer)


def _failure_of(answer: Answer) -> LinkError:
    """What an answer that is no yes tells, with what its OperationOutcome adds."""
    failure = failure_of(answer)
    if not isinstance(failure, Refused):
        return failure
    outcome = _resource(answer.body)
    if outcome.get("resourceType") != "OperationOutcome":
        is_no_server = answer.status in NO_RECEIVER_STATUSES
        return NotTaken(failure.reason, answer=answer.body) if is_no_server else failure
    codes = {each.get("code") for each in outcome.get("issue") or [] if isinstance(each, dict)}
    return NotTaken(failure.reason, answer=answer.body) if codes and codes <= PASSING else failure


def _resource(body: bytes) -> dict[str, Any]:
    try:
        return loads(body)
    except FhirError:
        return {}


def _entries(bundle: dict[str, Any]) -> list[Any]:
    entries = bundle.get("entry")
    return entries if isinstance(entries, list) else []
