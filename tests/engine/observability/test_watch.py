"""Watching across restarts and failures: nothing repeated, nothing forgotten, nobody drags another down."""

import pytest

from ayni.engine.console.shown.alerts import alerts_of
from ayni.engine.observability.ledger import CALM
from ayni.engine.observability.rules import Rules
from ayni.engine.observability.watch import LogSink, Watch

from .sights import MINUTE, NOW, SECOND, with_destination


class Scene:
    """A look that sees what the test says."""

    def __init__(self) -> None:
        self.sight = with_destination()

    def now(self):
        return self.sight

    def recount(self):
        raise AssertionError("not in these tests")


class Heard:
    """A sink that keeps what it is told."""

    def __init__(self) -> None:
        self.notices = []

    async def tell(self, notice):
        self.notices.append((notice.change, notice.kind))


class Deaf:
    async def tell(self, notice):
        raise ConnectionError("no mail today")


@pytest.fixture
def scene():
    return Scene()


@pytest.fixture
def heard():
    return Heard()


@pytest.fixture
def new_watch(scene, heard, tmp_path):
    return lambda *sinks: Watch(scene, Rules(), tmp_path / "alerts.json", (*sinks, heard))


async def test_a_restart_does_not_repeat_what_was_told(scene, heard, new_watch):
    scene.sight = with_destination(held=1)
    await new_watch().once()
    await new_watch().once()
    assert heard.notices == [("began", "held")]


async def test_a_restart_does_not_forget_to_say_that_it_is_over(scene, heard, new_watch):
    scene.sight = with_destination(held=1)
    await new_watch().once()
    again = new_watch()
    for at in (NOW + SECOND, NOW + SECOND + CALM):
        scene.sight = with_destination(at)
        await again.once()
    assert heard.notices == [("began", "held"), ("over", "held")]
    assert new_watch().rows("es") == []


async def test_an_alert_lasts_through_a_restart_while_nothing_is_known_yet(scene, heard, new_watch):
    scene.sight = with_destination(oldest=NOW - 20 * MINUTE)
    await new_watch().once()
    scene.sight = with_destination(oldest=NOW - 10 * MINUTE)  # between well and broken
    again = new_watch()
    await again.once()
    assert [each["id"] for each in again.rows("es")] == ["queue-age:laboratory"]
    assert heard.notices == [("began", "queue-age")]


async def test_a_sink_that_fails_keeps_nobody_else_from_hearing(scene, heard, new_watch):
    scene.sight = with_destination(held=1)
    await new_watch(Deaf()).once()
    assert heard.notices == [("began", "held")]


async def test_a_damaged_file_does_not_keep_the_engine_from_starting(new_watch, tmp_path):
    (tmp_path / "alerts.json").write_bytes(b"[{")
    assert new_watch().rows("es") == []


async def test_the_console_can_show_the_rows(scene, new_watch):
    scene.sight = with_destination(held=1, oldest=NOW - 20 * MINUTE)
    watch = new_watch()
    await watch.once()
    first, second = alerts_of(watch.rows, "en").alerts
    assert (first.id, first.severity, first.destination) == ("held:laboratory", "critical", "laboratory")
    assert first.text == "1 stopped deliveries hold their lanes: you decide."
    assert first.advice == "Open Stalled: send again or set aside."
    assert watch.rows("es")[0]["text"] == "1 entregas detenidas retienen su fila: decida usted."
    assert (second.id, second.since) == ("queue-age:laboratory", NOW)


async def test_the_log_has_one_line_for_each_notice(scene, tmp_path, capture_lines):
    scene.sight = with_destination(held=1)
    watch = Watch(scene, Rules(), tmp_path / "alerts.json", (LogSink(),))
    await watch.once()
    await watch.once()
    (line,) = capture_lines
    assert (line["event"], line["change"], line["alerts"]) == ("alerts changed", "began", ["held:laboratory"])


async def test_a_clock_set_back_does_not_leave_the_future_in_memory(scene, new_watch):
    watch = new_watch()
    scene.sight = with_destination(NOW + 60 * MINUTE, passed=5)
    await watch.once()
    scene.sight = with_destination(NOW, passed=5)
    await watch.once()
    assert [each.at for each in watch._past] == [NOW]
