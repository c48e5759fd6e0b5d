"""Full-text searches: explicit, with progress, one's own, and ended when nobody wants them any more."""

import threading
from typing import Any

import pytest

from ayni.engine.console.actions.text_searches import AT_ONCE, KEPT_MAX, KEPT_SECONDS, TextSearches
from ayni.engine.console.problems import Problem
from ayni.engine.store.contract import Question

from ..conftest import until


async def ended(program: Any, number: str) -> Any:
    async def is_over() -> bool:
        found = await program.get(f"/api/v1/text-searches/{number}")
        return found["state"] not in ("waiting", "running")

    await until(is_over)
    return await program.get(f"/api/v1/text-searches/{number}")


async def test_a_text_is_found_in_the_originals(engine, viewer, booked):
    await engine.send(booked("QH-0000000001"))
    await engine.send(booked("QH-0000000002").replace(b"CONSULTORIO 1", b"CONSULTORIO 7"))
    begun = await viewer.post("/api/v1/text-searches", {"text": "CONSULTORIO 7"}, status=202)
    found = await ended(viewer, begun["id"])
    assert (found["state"], found["read"], found["of"]) == ("done", 2, 2)
    assert [each["id"] for each in found["messages"]] == [2]


async def test_the_rest_of_the_filter_counts_too(engine, viewer, booked):
    await engine.send(booked())
    for narrower in ({"channel": "intake_to_ehr"}, {"state": "refused"}, {"until": "2020-01-01T00:00"}):
        begun = await viewer.post("/api/v1/text-searches", {"text": "PRUEBA"} | narrower, status=202)
        assert (await ended(viewer, begun["id"]))["messages"] == [], narrower


async def test_a_search_belongs_to_who_began_it(engine, viewer, operator):
    begun = await viewer.post("/api/v1/text-searches", {"text": "PRUEBA"}, status=202)
    for method in ("GET", "DELETE"):
        status, told = await operator.ask(method, f"/api/v1/text-searches/{begun['id']}")
        assert (status, told["code"]) == (404, "search-gone")


async def test_a_search_that_is_over_is_forgotten_when_one_says_so(engine, viewer):
    begun = await viewer.post("/api/v1/text-searches", {"text": "PRUEBA"}, status=202)
    await ended(viewer, begun["id"])
    address = f"/api/v1/text-searches/{begun['id']}"
    assert (await viewer.ask("DELETE", address))[0] == 200
    assert (await viewer.ask("GET", address))[0] == 404


async def test_the_page_begins_a_search_and_shows_what_it_found(engine, signed_in, booked):
    await engine.send(booked())
    answer = await signed_in.post("/busquedas", text="CONSULTORIO 1")
    assert answer.status == 303
    address = answer.headers["Location"]
    assert "CONSULTORIO" not in address

    async def is_over() -> bool:
        return "data-over" in await signed_in.page(f"{address}/vivo")

    await until(is_over)
    page = await signed_in.page(address)
    assert "SIU^S12" in page
    assert "CONSULTORIO" not in page
    assert (await signed_in.post(f"{address}/cancelar")).status == 303


class SlowStore:
    """Reads one message at a look, and waits for leave before each."""

    def __init__(self) -> None:
        self.leave = threading.Semaphore(0)
        self.read = 0
        self.is_broken = False

    def search(self, question: Question, *, progress: Any) -> list[Any]:
        for number in range(1, 4):
            self.leave.acquire()
            if self.is_broken:
                raise OSError("disk")
            self.read = number
            if not progress(number):
                break
        return []


@pytest.fixture
def slow() -> SlowStore:
    return SlowStore()


class Clock:
    at = 0.0

    def __call__(self) -> float:
        return self.at


async def looks(searches: TextSearches, number: str, *, read: int) -> None:
    async def has_read() -> bool:
        return searches.find("rosa", number).read >= read

    await until(has_read)


async def test_it_tells_how_far_it_is_and_ends_when_it_is_cancelled(slow):
    searches = TextSearches(slow)
    begun = searches.begin("rosa", Question(text="x"), of=3)
    slow.leave.release()
    await looks(searches, begun.id, read=1)
    assert searches.find("rosa", begun.id).state == "running"
    assert searches.cancel("rosa", begun.id).state == "cancelled"
    slow.leave.release()
    ended_search = await searches.ended("rosa", begun.id)
    assert (ended_search.state, slow.read) == ("cancelled", 2)


async def test_a_search_that_breaks_says_so(slow):
    searches = TextSearches(slow)
    begun = searches.begin("rosa", Question(text="x"), of=3)
    slow.is_broken = True
    slow.leave.release()
    assert (await searches.ended("rosa", begun.id)).state == "failed"


async def test_more_searches_than_the_disk_likes_wait_for_their_turn(slow):
    searches = TextSearches(slow)
    begun = [searches.begin("rosa", Question(text="x"), of=3) for _ in range(AT_ONCE + 1)]
    slow.leave.release()
    slow.leave.release()
    await looks(searches, begun[0].id, read=1)
    assert searches.find("rosa", begun[-1].id).state == "waiting"
    slow.leave.release(20)
    assert (await searches.ended("rosa", begun[-1].id)).state == "done"


async def test_there_is_a_bound_and_what_nobody_asks_for_is_ended_and_forgotten(slow):
    clock = Clock()
    searches = TextSearches(slow, clock)
    begun = [searches.begin("rosa", Question(text="x"), of=3) for _ in range(KEPT_MAX)]
    with pytest.raises(Problem, match="searches-full"):
        searches.begin("rosa", Question(text="x"), of=3)
    clock.at = KEPT_SECONDS + 1
    searches.begin("rosa", Question(text="x"), of=3)
    with pytest.raises(Problem, match="search-gone"):
        searches.find("rosa", begun[0].id)
    slow.leave.release(100)
    await searches.close()
