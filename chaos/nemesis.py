"""Drawing blows: when and how an engine ends, and what its disk does wrong."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import cycle
from random import Random

from ayni.engine.failpoint import NAMES
from chaos.lossy import Survives, Trouble
from chaos.rounds import Blow
from chaos.routes import DESTINATIONS

PLACES = (*NAMES, "answered")
RARE = frozenset({"handing-over"})
"""Places that few messages come to."""
AT_START = frozenset({"applying", "applied", "committed", "told"})
"""Places a life comes to before it is ready: recovering is a change too."""
LEFT: tuple[Survives, ...] = ("some", "nothing", "all")
KILL_SECONDS_MAX = 0.04
SYNCS_MAX = 40


def with_outages(blows: Iterator[Blow], chance: Random) -> Iterator[Blow]:
    """Every fifth blow falls while nobody answers at one of the destinations."""
    for number, blow in enumerate(blows):
        yield replace(blow, outage=chance.choice(DESTINATIONS)) if number % 5 == 2 else blow


def kills(count: int, chance: Random) -> Iterator[Blow]:
    """Half at a random moment, half at each named place in turn; every fourth is followed by a second."""
    return with_outages(_kills(count, chance), chance)


def _kills(count: int, chance: Random) -> Iterator[Blow]:
    places = cycle(PLACES)
    for number in range(count):
        again = chance.uniform(0, KILL_SECONDS_MAX / 2) if number % 4 == 3 else None
        if number % 2:
            yield _at_place(next(places), chance, again)
        else:
            yield Blow("random", chance.uniform(0, KILL_SECONDS_MAX), again_after_seconds=again)


def _at_place(name: str, chance: Random, again: float | None) -> Blow:
    turn = chance.randint(1, 3 if name in RARE else 25)
    if name in AT_START and chance.random() < 0.2:
        turn = 1
    return Blow(name, failpoint=f"{name}:{turn}", again_after_seconds=again)


def cuts(count: int, chance: Random) -> Iterator[Blow]:
    """Power cuts, some of them while a destination is away."""
    return with_outages(_cuts(count, chance), chance)


def _cuts(count: int, chance: Random) -> Iterator[Blow]:
    """Power cuts: at a random moment with nothing or some of the unsynced kept, and in the middle of a
    sync."""
    for number in range(count):
        again = chance.uniform(0, KILL_SECONDS_MAX / 2) if number % 5 == 4 else None
        yield _cut(number, chance, again)


def _cut(number: int, chance: Random, again: float | None) -> Blow:
    seed = chance.randrange(1 << 30)
    after = chance.uniform(0, KILL_SECONDS_MAX)
    match number % 6:
        case 0 | 1:
            trouble, name = Trouble(seed=seed), "unsynced lost"
        case 2:
            trouble, name = Trouble(seed=seed, early=0.4), "some written early"
        case 3:
            place = chance.choice(PLACES)
            return Blow(
                "unsynced lost at a place",
                None,
                f"{place}:{chance.randint(1, 20)}",
                Trouble(seed=seed),
                again,
            )
        case 4:
            return _during_sync("beginning", seed, chance, again)
        case _:
            survives = chance.choice(LEFT)
            return _during_sync(survives, seed, chance, again)
    return Blow(name, after, trouble=trouble, again_after_seconds=again)


def _during_sync(survives: Survives, seed: int, chance: Random, again: float | None) -> Blow:
    trouble = Trouble(
        seed=seed,
        cut_at_sync=chance.randint(1, SYNCS_MAX),
        survives=survives,
        from_start=chance.random() < 0.2,
    )
    return Blow(f"during a sync, {survives} kept", trouble=trouble, again_after_seconds=again)
