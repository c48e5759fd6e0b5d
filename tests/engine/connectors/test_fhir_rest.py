"""FHIR transactions out, and searches read through, over real sockets."""

import json
from collections.abc import AsyncIterator

import pytest

from ayni.engine.connectors.contract import Sender, World
from ayni.engine.connectors.fhir_rest import FhirTransactionSender
from ayni.wire.failure import LinkError, NotTaken, OutcomeUnknown, Refused

from .conftest import Ports
from .contract import DestinationContract, cannot, fails
from .http_partner import HttpPartner
from .sides import parcel

YES = {
    "resourceType": "Bundle",
    "type": "transaction-response",
    "entry": [{"response": {"status": "201 Created"}}],
}


def outcome(code: str) -> bytes:
    return json.dumps({"resourceType": "OperationOutcome", "issue": [{"code": code}]}).encode()


def bundle(text: str, kind: str = "transaction") -> bytes:
    entry = {
        "resource": {"resourceType": "Observation", "valueString": text},
        "request": {"method": "POST", "url": "Observation", "ifNoneExist": "identifier=1"},
    }
    return json.dumps({"resourceType": "Bundle", "type": kind, "entry": [entry]}).encode()


def response(kind: str, *statuses: str) -> tuple[int, bytes]:
    entries = [{"response": {"status": each}} for each in statuses]
    return 200, json.dumps({"resourceType": "Bundle", "type": f"{kind}-response", "entry": entries}).encode()


class FhirServer(HttpPartner):
    """A FHIR server that takes Bundles."""

    def content(self, text: str) -> bytes:
        return bundle(text)

    async def says_no(self) -> None:
        self.script.append((412, outcome("multiple-matches")))

    async def says_later(self) -> None:
        self.script.append((409, outcome("lock-error")))


@pytest.fixture
async def far_side(ports: Ports) -> AsyncIterator[FhirServer]:
    server = FhirServer(ports.free())
    server.answer, server.media_type = (200, json.dumps(YES).encode()), "application/fhir+json"
    await server.up()
    yield server
    server.gate.set()
    await server.down()


class TestFhirTransactionSender(DestinationContract):
    CANNOT = cannot(test_no_task_and_no_open_file_is_left="its connections belong to the engine's pool")

    @pytest.fixture
    def sender(self, world: World, far_side: FhirServer) -> Sender:
        return FhirTransactionSender(url=far_side.url + "/fhir").open(world, "registry")

    async def test_the_bundle_goes_as_it_is(self, sender: Sender, far_side: FhirServer) -> None:
        await sender.send(parcel(bundle("one")))
        ((method, path, headers),) = far_side.requests
        assert (method, path, headers["Content-Type"]) == ("POST", "/fhir", "application/fhir+json")
        assert b"ifNoneExist" in far_side.taken()[0]

    @pytest.mark.parametrize(
        ("status", "body", "failure"),
        [
            (400, outcome("invalid"), Refused),
            (404, outcome("not-found"), Refused),
            (409, outcome("conflict"), Refused),
            (412, outcome("multiple-matches"), Refused),
            (422, outcome("processing"), Refused),
            (422, b"", Refused),
            (422, b'{"resourceType": "OperationOutcome", "issue": "odd"}', Refused),
            (404, b"<html>", NotTaken),
            (405, b"", NotTaken),
            (401, b"", NotTaken),
            (422, outcome("throttled"), NotTaken),
            (503, outcome("transient"), NotTaken),
            (500, outcome("exception"), OutcomeUnknown),
            (200, b"<html>", OutcomeUnknown),
            (200, b"{}", OutcomeUnknown),
            (*response("batch", "201"), OutcomeUnknown),
            (*response("transaction", "201", "201"), OutcomeUnknown),
        ],
    )
    async def test_an_answer_says_what_to_do_next(
        self, sender: Sender, far_side: FhirServer, status: int, body: bytes, failure: type[LinkError]
    ) -> None:
        far_side.answer = (status, body)
        with pytest.raises(failure) as caught:
            await sender.send(parcel(bundle("one")))
        assert type(caught.value) is failure
        assert caught.value.answer == body

    @pytest.mark.parametrize(
        ("status", "failure"),
        [
            ("400 Bad Request", Refused),
            ("503", OutcomeUnknown),
            ("500", OutcomeUnknown),
            ("", OutcomeUnknown),
        ],
    )
    async def test_a_batch_is_as_good_as_its_entries(
        self, sender: Sender, far_side: FhirServer, status: str, failure: type[LinkError]
    ) -> None:
        far_side.answer = response("batch", status)
        with pytest.raises(failure):
            await sender.send(parcel(bundle("one", "batch")))
        for good in ("200 OK", "201 Created", "304 Not Modified"):
            far_side.answer = response("batch", good)
            assert await sender.send(parcel(bundle("one", "batch"))) == far_side.answer[1]

    @pytest.mark.parametrize("content", [b"", b"[]", b"{}", bundle("one", "message"), b"\xff"])
    async def test_what_is_no_transaction_is_refused_here(
        self, sender: Sender, far_side: FhirServer, content: bytes
    ) -> None:
        await fails(Refused, sender, content)
        assert far_side.requests == []
