"""docs/engine/alerts.md says what there is: every alert, every metric, and an example that can be read."""

import re
from pathlib import Path
from typing import get_args

import pytest

from ayni.engine.observability.judging import Kind
from ayni.engine.observability.rules_file import read_rules
from ayni.engine.observability.wording import TEXTS

from .test_metrics import scraped

PAGE = (Path(__file__).resolve().parents[3] / "docs/engine/alerts.md").read_text("utf-8")


@pytest.mark.parametrize("kind", get_args(Kind))
def test_each_alert_is_explained_and_says_what_to_do(kind):
    table, _, advice = PAGE.partition("## What to do at three in the morning")
    assert f"| `{kind}` |" in table
    assert re.search(rf"^`.*\b{kind}`.*\n: ", advice, re.MULTILINE)


def test_the_examples_can_be_used_as_they_stand(tmp_path):
    (tmp_path / "alerts.toml").write_text("".join(re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)))
    rules = read_rules(
        tmp_path, channels=("state_to_qhali",), destinations=("onevision", "lab_results_partner")
    )
    assert rules.of_destination("onevision").down_seconds == 300
    assert rules.mail.english == ("noc@partner.example",)


def test_every_alert_has_its_words_in_both_languages():
    for section in ("sentence", "advice", "kind"):
        assert set(get_args(Kind)) <= set(TEXTS[section]), section
    for section, texts in TEXTS.items():
        for key, both in texts.items():
            assert set(both) == {"es", "en"}, (section, key)
            assert re.findall(r"{\w+}", both["es"]) == re.findall(r"{\w+}", both["en"]), (section, key)


async def test_each_metric_is_named(engine):
    families = re.findall(r"^# TYPE (ayni_\w+) ", await scraped(engine), re.MULTILINE)
    assert len(families) > 15
    # a channel without TLS has no certificate to count
    named = set(re.findall(r"`(ayni_\w+)`", PAGE)) - {"ayni_certificate_seconds"}
    assert named == {each for each in families if not each.endswith("_created")}
