"""alerts.toml: optional, and nothing in it is passed over."""

from datetime import time

import pytest

from ayni.engine.observability.rules import Rules, Silence
from ayni.engine.observability.rules_file import RulesUnusable, read_rules

KNOWN = {"channels": ("orders", "results"), "destinations": ("laboratory",)}

FILE = """
[engine]
disk_free_gib = 20
certificate_days = [60, 7]

[every_channel]
refused_share = 0.5

[channels.orders]
silence = { minutes = 15, open_from = 07:00:00, open_until = 19:00:00 }

[destinations.laboratory]
down_seconds = 0
"""


def test_without_a_file_the_defaults_hold(tmp_path):
    assert read_rules(tmp_path, **KNOWN) == Rules()


def test_what_is_said_of_one_channel_is_added_to_what_is_said_of_all(tmp_path):
    (tmp_path / "alerts.toml").write_text(FILE)
    rules = read_rules(tmp_path, **KNOWN)
    orders = rules.of_channel("orders")
    assert orders.silence == Silence(minutes=15, open_from=time(7), open_until=time(19))
    assert orders.refused_share == rules.of_channel("results").refused_share == 0.5
    assert rules.of_channel("results").silence is None
    assert (rules.engine.disk_free_gib, rules.engine.certificate_days) == (20, (60, 7))
    assert rules.of_destination("laboratory").down_seconds == 0


@pytest.mark.parametrize(
    ("text", "finding", "place"),
    [
        ("[channels.orders", "alerts-not-toml", "file"),
        ("[chanels.orders]", "alerts-unknown-section", "chanels"),
        ("engine = 5", "alerts-not-a-table", "engine"),
        ("[channels]\norders = 5", "alerts-not-a-table", "channels.orders"),
        ("[channels.order]", "alerts-unknown-channel", "channels.order"),
        ("[destinations.lab]", "alerts-unknown-destination", "destinations.lab"),
        ("[every_channel]\nrefused_shear = 0.1", "alerts-not-as-described", "every_channel"),
        ("[every_channel]\nrefused_share = 20", "alerts-not-as-described", "every_channel.refused_share"),
        ("[every_destination]\nqueue_depth = -1", "alerts-not-as-described", "every_destination.queue_depth"),
        ("[channels.orders]\nsilence = {}", "alerts-not-as-described", "channels.orders.silence"),
    ],
)
def test_a_mistake_has_an_id_a_place_and_a_hint(tmp_path, text, finding, place):
    (tmp_path / "alerts.toml").write_text(text)
    with pytest.raises(RulesUnusable) as raised:
        read_rules(tmp_path, **KNOWN)
    assert (raised.value.finding, raised.value.place) == (finding, place)
    assert raised.value.hint
