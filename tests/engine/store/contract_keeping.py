"""What every store does with a message that comes: keeps it once, as it was, before anybody hears so."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from ayni.engine.store.contract import Earlier, Finding, Question, Store

from .samples import IMAGING, NOW, added, assert_balanced, delivery, filtered, message, number_of, refused

Outside = Callable[[str], list[tuple[Any, ...]]]
"""Asks the database over a connection that is not the store's."""

EVERY_BYTE = bytes(range(256))
NAMES = ["O'Brien", 'a"b', "100%", "what?", "%s", "Ñandú", "🩺", "", " x ", "a\\b", "x" * 5_000]


class KeepingContract:
    """Adding messages."""

    async def test_law_01_what_add_returned_is_committed(self, store: Store, outside: Outside) -> None:
        message_id = await added(store)
        assert await asyncio.to_thread(outside, "select id from message") == [(message_id,)]
        assert await asyncio.to_thread(outside, "select count(*) from place") == [(1,)]
        assert await asyncio.to_thread(outside, "select sum(count) from tally") == [(2,)]

    @pytest.mark.parametrize("is_same", [True, False])
    async def test_law_02_a_known_key_gets_the_first_answer_and_writes_nothing(
        self, store: Store, is_same: bool
    ) -> None:
        first = message(control_id="M1", raw=b"one")
        message_id = number_of(await store.add(first))
        again = message(control_id="M1", raw=b"one" if is_same else b"two", answer=b"another answer")
        assert await store.add(again) == Earlier(id=message_id, answer=first.answer, is_same=is_same)
        assert len(store.search(Question(control_id="M1"))) == 1
        assert store.waiting_count() == 1
        assert_balanced(store)

    async def test_law_02_a_key_is_known_among_those_that_come_at_the_same_moment(self, store: Store) -> None:
        said = await asyncio.gather(*(store.add(message(control_id="M1", raw=b"x")) for _ in range(30)))
        assert [type(each) for each in said].count(int) == 1
        assert sum(isinstance(each, Earlier) and each.is_same for each in said) == 29
        assert store.waiting_count() == 1

    @pytest.mark.parametrize("other", [{"sender": "LIS|CAX"}, {"channel": "results"}, {"control_id": "M2"}])
    async def test_law_02_a_key_is_of_one_sender_in_one_channel(
        self, store: Store, other: dict[str, str]
    ) -> None:
        await added(store, control_id="M1")
        assert isinstance(await store.add(message(**{"control_id": "M1", **other})), int)

    async def test_a_reused_control_id_accepted_as_new_is_a_message_linked_to_the_first(
        self, store: Store
    ) -> None:
        first = await added(store, control_id="M1", raw=b"one")
        second = await added(store, control_id="M1", raw=b"two", is_keyed=False, parent_id=first)
        found = store.message(first)
        assert found is not None
        assert [each["id"] for each in found["children"]] == [second]
        third = await store.add(message(control_id="M1", raw=b"one"))
        assert isinstance(third, Earlier)
        assert third.id == first

    async def test_law_02_what_was_accepted_as_new_is_known_when_it_comes_again(self, store: Store) -> None:
        first = number_of(await store.add(message(control_id="C1")))
        again = {"control_id": "C1", "raw": b"other", "content_hash": b"other", "answer": b"second"}
        second = number_of(await store.add(message(**again, is_keyed=False, parent_id=first)))
        await added(store, **again | {"is_keyed": False, "parent_id": second, "link": "replay"})
        found = await store.add(message(**again))
        assert found == Earlier(id=second, answer=b"second", is_same=True)
        other = await store.add(message(control_id="C1", content_hash=b"third"))
        assert isinstance(other, Earlier)
        assert (other.id, other.is_same) == (first, False)

    async def test_law_02_what_was_accepted_as_new_is_known_by_its_content(self, store: Store) -> None:
        first = await added(store, control_id="M1", raw=b"one")
        as_new = message(control_id="M1", raw=b"two", is_keyed=False, parent_id=first, answer=b"second")
        said = await asyncio.gather(*(store.add_as_new(as_new) for _ in range(5)))
        (second,) = [each for each in said if isinstance(each, int)]
        again = [each for each in said if isinstance(each, Earlier)]
        assert again == [Earlier(id=second, answer=b"second", is_same=True)] * 4
        other = message(control_id="M1", raw=b"three", is_keyed=False, parent_id=first)
        assert isinstance(await store.add_as_new(other), int)
        assert store.waiting_count() == 3
        assert_balanced(store)

    async def test_the_same_refused_bytes_are_one_row_that_counts(self, store: Store) -> None:
        ids = [await store.add(refused(b"junk")) for _ in range(5)]
        assert len(set(ids)) == 1
        (row,) = store.search(Question(state="refused"))
        assert row["repeat_count"] == 4
        assert store.counts() == [{"channel": "orders", "destination": "", "state": "refused", "count": 1}]
        assert_balanced(store)

    async def test_other_refused_bytes_or_another_channel_are_another_row(self, store: Store) -> None:
        ids = {await store.add(refused(b"junk")), await store.add(refused(b"other"))}
        ids.add(await store.add(refused(b"junk", channel="results")))
        assert len(ids) == 3

    async def test_a_refused_message_is_not_known_by_a_key(self, store: Store) -> None:
        await store.add(refused(b"x", sender="HIS|CAX"))
        assert isinstance(await store.add(message(control_id="", raw=b"y")), int)

    async def test_what_is_written_is_read_back_as_it_was(self, store: Store) -> None:
        finding = Finding(code="207", place="PID^1^3", text="Falta el documento.")
        kept = message(
            raw=EVERY_BYTE,
            answer=EVERY_BYTE,
            correlation_id="QH-7M3K9XBT4D",
            document="99000017",
            finding=finding,
            deliveries=(delivery("A", content=EVERY_BYTE), delivery("B", to=IMAGING)),
        )
        found = store.message(number_of(await store.add(kept)))
        assert found is not None
        names = ("channel", "revision", "source", "sender", "control_id", "correlation_id", "document")
        names += ("kind", "raw", "answer", "received_at", "ms", "state", "parent_id", "link")
        assert {name: found[name] for name in names} == {name: getattr(kept, name) for name in names}
        said = (found["error_code"], found["error_place"], found["error_text"])
        assert said == (finding.code, finding.place, finding.text)
        of_deliveries = [(each["destination"], each["content"]) for each in found["deliveries"]]
        assert of_deliveries == [(each.destination, each.content) for each in kept.deliveries]

    @pytest.mark.parametrize("name", NAMES)
    async def test_a_stranger_may_choose_any_name(self, store: Store, name: str) -> None:
        message_id = await added(
            store, name, control_id=name, sender=name, document=name, correlation_id=name
        )
        found = store.message(message_id)
        assert found is not None
        assert (found["control_id"], found["sender"], found["document"]) == (name, name, name)
        for question in (Question(control_id=name), Question(document=name), Question(correlation_id=name)):
            assert [each["id"] for each in store.search(question)] == [message_id]

    async def test_a_name_with_a_nul_is_kept_found_and_known(self, store: Store) -> None:
        message_id = await added(store, "A\0B", control_id="M\0", sender="\0", raw=b"x")
        assert [each["id"] for each in store.search(Question(control_id="M\0"))] == [message_id]
        again = await store.add(message(control_id="M\0", sender="\0", raw=b"x"))
        assert isinstance(again, Earlier)
        assert again.id == message_id

    async def test_a_message_that_cannot_be_written_leaves_nothing_and_disturbs_nobody(
        self, store: Store
    ) -> None:
        nameless = replace(delivery("A"), control_id=None)
        changes = [message(), message(kind=None), message(deliveries=(nameless,))]
        said = await asyncio.gather(*(store.add(each) for each in changes), return_exceptions=True)
        assert [isinstance(each, Exception) for each in said] == [False, True, True]
        assert store.waiting_count() == 1
        assert_balanced(store)

    async def test_the_last_message_of_a_channel_is_known_by_its_time(self, store: Store) -> None:
        assert store.last_received("orders") is None
        await added(store)
        await store.add(filtered(channel="results"))
        assert store.last_received("orders") == NOW
        assert store.last_received("results") == NOW

    async def test_a_message_that_is_not_there_is_none(self, store: Store) -> None:
        assert store.message(404) is None
