import pkgutil
from datetime import datetime

import pytest

from ayni.vocabulary import hl7
from ayni.vocabulary.hl7 import new_message, parse

ROUTE = {"sender": ("A", "B"), "receiver": ("C", "D"), "control_id": "1"}


def test_the_header_is_the_one_of_the_worked_example(sample):
    read = parse(sample)
    built = new_message(
        type=read.type,
        control_id=read.control_id,
        at=read.timestamp,
        sender=(read["MSH-3"], read["MSH-4"]),
        receiver=(read["MSH-5"], read["MSH-6"]),
    )
    assert built.encode() == sample.partition(b"\r")[0] + b"\r"
    assert built.raw == b""


def test_a_whole_message_can_be_built_from_plain_text(booked, at):
    read = parse(booked)
    built = new_message(
        type="SIU^S12",
        control_id=read.control_id,
        at=read.timestamp,
        sender=("ONEVISIONCAX", "DIRESA-CAJ"),
        receiver=("QHALI", "ZLTECH"),
    )
    for segment in read.segments()[1:]:
        built.add(segment.name, leaves(segment))
    assert built.encode() == booked


def leaves(segment) -> dict[str, str]:
    places = [
        f"{f}[{r}].{c}.{s}" for f in range(1, 40) for r in (1, 2) for c in range(1, 15) for s in (1, 2, 3)
    ]
    return {place: segment[place] for place in places if segment[place]}


@pytest.mark.parametrize(
    ("message_type", "structure"),
    [
        ("SIU^S12", "SIU_S12"),
        ("SIU^S26", "SIU_S12"),
        ("ADT^A08", "ADT_A01"),
        ("ADT^A28", "ADT_A05"),
        ("ADT^A40", "ADT_A39"),
        ("SRM^S04", "SRM_S01"),
        ("SRR^S01", "SRR_S01"),
        ("ACK^S12", "ACK"),
        ("ACK", "ACK"),
    ],
)
def test_the_structure_follows_from_the_type(message_type, structure, at):
    message = new_message(type=message_type, at=at, **ROUTE)
    assert message.type == message_type
    assert message.structure == structure


def test_a_type_without_known_structure_is_the_programmers_error(at):
    with pytest.raises(ValueError, match="structure"):
        new_message(type="QBP^Q11", at=at, **ROUTE)


def test_a_time_without_zone_is_the_programmers_error():
    with pytest.raises(ValueError, match="zone"):
        new_message(type="ACK", at=datetime(2026, 11, 23), **ROUTE)  # noqa: DTZ001 - the point of the test


def test_the_front_door_is_this_list():
    public = {name for name in vars(hl7) if not name.startswith("_")}
    modules = {module.name for module in pkgutil.iter_modules(hl7.__path__)}
    assert public - modules == set(hl7.__all__)
    assert hl7.__all__ == sorted(hl7.__all__, key=lambda name: (not name.isupper(), name[0].islower(), name))
