"""Whether everything received is somewhere: over the interface, on its page, and every hour in the audit."""

import apsw
import pytest

from ayni.engine.console.problems import Problem
from ayni.engine.console.shown.accounting import Accounting
from ayni.engine.observability import watch

from ..conftest import until

CONSERVATION = "/api/v1/conservation"
LOST = "update delivery set state = 'delivered' where id = 1"


def damage(engine, statement: str = LOST) -> None:
    """Somebody changes the store behind the engine's back."""
    connection = apsw.Connection(str(engine.folder / "engine" / "messages.sqlite"))
    connection.set_busy_timeout(5000)
    connection.execute(statement)


async def test_every_message_is_accounted_for_by_channel_and_destination(
    engine, administrator, refuses, booked
):
    await refuses()
    await engine.send(booked("QH-0000000007"))
    await engine.send(b"no message")
    await engine.reaches("refused", "delivered", channel="state_to_qhali")
    found = await administrator.get(CONSERVATION)
    (account,) = found["channels"]
    assert (found["is_kept"], found["findings"]) == (True, [])
    assert (account["received"], account["accepted"], account["refused"]) == (3, 2, 1)
    (to,) = account["destinations"]
    assert (to["owed"], to["delivered"], to["stopped"], to["queued"], to["set_aside"]) == (2, 1, 1, 0, 0)
    assert to["owed"] == to["delivered"] + to["stopped"] + to["queued"] + to["set_aside"]


@pytest.mark.parametrize(
    ("query", "received"),
    [
        ("since=2020-01-01", [1]),
        ("since=2020-01-01&until=2021-01-01", []),
        ("channel=intake_to_ehr", []),
        ("channel=state_to_qhali&since=2020-01-01", [1]),
    ],
)
async def test_a_span_and_a_channel_narrow_the_account(administrator, refuses, query, received):
    await refuses()
    found = await administrator.get(f"{CONSERVATION}?{query}")
    assert [each["received"] for each in found["channels"]] == received
    assert found["is_kept"]


async def test_what_is_lost_is_told_on_the_interface_and_on_the_page(
    engine, signed_in, administrator, refuses
):
    await refuses()
    damage(engine)
    found = await administrator.get(f"{CONSERVATION}?since=2030-01-01")
    assert not found["is_kept"]
    assert "state_to_qhali → qhali: 1 are delivered, 0 were noted" in found["findings"]
    page = await signed_in.page("/cuadre?count=1")
    assert ("no cuadran" in page, "1 are delivered, 0 were noted" in page) == (True, True)


async def test_the_page_counts_only_when_it_is_asked_to(signed_in, refuses):
    await refuses()
    assert "Las cuentas cuadran" not in await signed_in.page("/cuadre")
    assert "Las cuentas cuadran: nada se perdió." in await signed_in.page("/cuadre?count=1&channel=&since=")


async def test_one_count_at_a_time():
    class Slow:
        def balance(self):
            with pytest.raises(Problem, match="counting-already"):
                accounting.report("", None, None)
            raise InterruptedError

    accounting = Accounting(Slow(), lambda: None)
    for _ in range(2):  # a count that broke off keeps nobody out
        with pytest.raises(InterruptedError):
            accounting.report("", None, None)


async def test_every_recount_is_a_link_of_the_audit(new_engine, booked, monkeypatch):
    monkeypatch.setattr(watch, "RECOUNT_SECONDS", 0.05)
    engine = new_engine()
    await engine.start()
    await engine.send(booked())
    await engine.reaches("delivered", channel="state_to_qhali")

    async def attested(outcome: str, **figures: int) -> None:
        async def is_there() -> bool:
            entries = (await engine.api("/api/v1/audit", who="engine"))["entries"]
            return any(
                (each["action"], each["outcome"]) == ("attestation", outcome)
                and figures.items() <= each["details"].items()
                and len(each["details"]["digest"]) == 64
                for each in entries
            )

        await until(is_there)

    await attested("done", received=1, delivered=1, findings=0)
    damage(engine, "update delivery set state = 'refused' where id = 1")
    await attested("failed", received=1, refused=1, findings=2)
    assert (await engine.api("/api/v1/audit/verification"))["is_whole"]
