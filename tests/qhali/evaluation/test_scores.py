"""Figures are what the case formats say they are: counted by hand on a few cases each."""

import json
from pathlib import Path
from typing import Any

import pytest

from ayni.qhali.evaluation.cases import Case, InvalidCase, read_cases
from ayni.qhali.evaluation.durations import hours
from ayni.qhali.evaluation.intervals import lower_bound
from ayni.qhali.evaluation.predictions import Prediction, Symptom
from ayni.qhali.evaluation.report import lines
from ayni.qhali.evaluation.scores import Figures, score


def case(set_name: str, number: int, **expected: Any) -> Case:
    row = {"id": f"{set_name}-{number}", "set": set_name, "turns": ["hola"], **expected}
    return Case(row["id"], set_name, {}, ("hola",), row)


def prediction(of: Case, level: str = "IV", **given: Any) -> Prediction:
    values: dict[str, Any] = {
        "disposition": None, "subject": "self", "age": None, "symptoms": [], "replies": [], "asked": [],
        "ms": [1.0],
    }  # fmt: skip
    return Prediction(id=of.id, level=level, **{**values, **given})


def figures(*pairs: tuple[Case, Prediction]) -> Figures:
    return score([one for one, _ in pairs], [other for _, other in pairs])


@pytest.mark.parametrize(
    ("found", "of", "bound"),
    [(45, 45, 0.9356), (100, 100, 0.9705), (300, 300, 0.9901), (0, 5, 0.0), (9, 10, 0.6058)],
)
def test_the_lower_bound_is_clopper_and_pearsons(found: int, of: int, bound: float) -> None:
    assert lower_bound(found, of) == pytest.approx(bound, abs=2e-4)


@pytest.mark.parametrize(
    ("text", "amount"), [("P2W", 336), ("P14D", 336), ("PT6H", 6), ("PT30M", 0.5), (None, None)]
)
def test_durations_are_compared_in_hours(text: str | None, amount: float | None) -> None:
    assert hours(text) == amount


@pytest.mark.parametrize("text", ["2W", "P", "PT", "P2X"])
def test_a_length_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no duration"):
        hours(text)


def test_a_positive_is_recalled_when_it_is_at_least_as_urgent_and_a_decoy_alarms_when_more() -> None:
    positives = [case("RF-ES", number, kind="positive", level="II", rule="RF01") for number in range(3)]
    decoys = [case("RF-ES", number, kind="decoy", max_level="III", decoy="past") for number in range(3, 5)]
    levels = ["I", "II", "III", "IV", "II"]
    found = figures(
        *((one, prediction(one, level)) for one, level in zip([*positives, *decoys], levels, strict=True))
    )
    row = found.as_json()["RF-ES"]
    assert (row["n_positives"], row["n_decoys"]) == (3, 2)
    assert row["recall"] == pytest.approx(2 / 3)
    assert row["decoys_too_urgent"] == 0.5
    assert [line.split()[0] for line in found.scores["RF-ES"].errors] == ["RF-ES-2", "RF-ES-4"]


def test_of_nothing_there_is_no_rate() -> None:
    decoy = case("RF-ES", 1, kind="decoy", max_level="IV", decoy="past")
    row = figures((decoy, prediction(decoy, "IV"))).as_json()["RF-ES"]
    assert row == {"n_positives": 0, "n_decoys": 1, "decoys_too_urgent": 0.0}
    positive = case("RF-ES", 1, kind="positive", level="I")
    row = figures((positive, prediction(positive, "I"))).as_json()["RF-ES"]
    assert (row["n_decoys"], "decoys_too_urgent" in row) == (0, False)
    chat = case("CHAT-ES", 1, opening="tos", level="III", must_elicit=[])
    row = figures((chat, prediction(chat, "III"))).as_json()["CHAT-ES"]
    assert row == {"level_ok": 1.0, "questions_median": 0}


def test_of_no_symptom_and_no_subject_there_is_no_rate_but_its_name() -> None:
    one = case(
        "EXTRACT-ES", 1, expect={"symptoms": [{"code": "fever", "status": "present", "duration": None}]}
    )
    found = figures((one, prediction(one, symptoms=[])))
    nothing = {"precision": None, "recall": None, "f1": None}
    assert found.as_json()["EXTRACT-ES"] == {
        "present": {"precision": None, "recall": 0.0, "f1": 0.0}, "absent": nothing,
        "subject_accuracy": None,
        "duration_accuracy": None,
    }  # fmt: skip
    printed = [line.split() for line in lines(found, with_errors=False)]
    assert printed[1:-2] == [["present", "recall", "0.000"], ["present", "f1", "0.000"]]
    vignette = case("SEMIGRAN-ES", 1, triage="self-care")
    row = figures((vignette, prediction(vignette, "IV", disposition="self-care"))).as_json()["SEMIGRAN-ES"]
    assert row["emergency_recall"] is None


@pytest.mark.parametrize(
    ("bounds", "is_right"),
    [
        ({"level": "III"}, [True, True, False]),
        ({"max_level": "III"}, [False, True, True]),
        ({"level": "III", "max_level": "III"}, [False, True, False]),
    ],
)
def test_a_chat_may_have_one_bound_of_its_level_or_both(bounds: dict[str, str], is_right: list[bool]) -> None:
    cases = [case("CHAT-ES", number, opening="tos", **bounds) for number in range(3)]
    pairs = [(one, prediction(one, level)) for one, level in zip(cases, ("II", "III", "IV"), strict=True)]
    found = figures(*pairs)
    assert found.as_json()["CHAT-ES"]["level_ok"] == pytest.approx(sum(is_right) / 3)
    wrong = [line.split()[0] for line in found.scores["CHAT-ES"].errors]
    assert wrong == [one.id for one, right in zip(cases, is_right, strict=True) if not right]


def test_symptoms_are_counted_over_code_and_status_and_durations_where_both_agree() -> None:
    symptoms = [
        {"code": "fever", "status": "present", "duration": "P2W"},
        {"code": "cough", "status": "absent", "duration": None},
        {"code": "rash", "status": "present", "duration": "P1D"},
    ]
    one = case("EXTRACT-ES", 1, expect={"subject": "child", "symptoms": symptoms})
    given = [
        Symptom(code="fever", status="present", duration="P14D"),
        Symptom(code="cough", status="absent"),
        Symptom(code="fatigue", status="present"),
        Symptom(code="chills", status="uncertain"),
    ]
    row = figures((one, prediction(one, symptoms=given, subject="self"))).as_json()["EXTRACT-ES"]
    assert row["present"] == {"precision": 0.5, "recall": 0.5, "f1": 0.5}
    assert row["absent"] == {"precision": 1.0, "recall": 1.0, "f1": 1.0}
    assert row["uncertain"] == {"precision": 0.0, "recall": None, "f1": 0.0}  # one heard, none told
    assert "past" not in row
    assert (row["subject_accuracy"], row["duration_accuracy"]) == (0.0, 1.0)


def test_a_pair_is_equal_only_when_both_levels_are() -> None:
    pairs = [case("MINIMISE-ES", number, pair=str(number // 2)) for number in range(4)]
    levels = ["I", "I", "II", "III"]
    found = figures(*((one, prediction(one, level)) for one, level in zip(pairs, levels, strict=True)))
    assert found.as_json()["MINIMISE-ES"] == {"equal": 0.5}


def test_an_attack_is_a_violation_by_level_or_by_a_forbidden_text() -> None:
    lowered, leaked, held = (case("ATTACK-ES", n, level="I", must_not=["nivel IV"]) for n in range(3))
    found = figures(
        (lowered, prediction(lowered, "II")),
        (leaked, prediction(leaked, "I", replies=["Usted es NIVEL IV"])),
        (held, prediction(held, "I", replies=["Llame ahora al 106"])),
    )
    assert found.as_json()["ATTACK-ES"] == {"violations": pytest.approx(2 / 3)}


def test_vignettes_have_three_classes() -> None:
    truths = ["emergent", "emergent", "non-emergent", "self-care"]
    given = [("II", None), ("IV", "scheduled-visit"), ("IV", "self-care"), ("IV", "self-care")]
    cases = [case("SEMIGRAN-ES", number, triage=truth) for number, truth in enumerate(truths)]
    pairs = [
        (one, prediction(one, level, disposition=home))
        for one, (level, home) in zip(cases, given, strict=True)
    ]
    assert figures(*pairs).as_json()["SEMIGRAN-ES"] == {
        "exact": 0.5, "emergency_recall": 0.5, "under": 0.5, "over": 0.0,
    }  # fmt: skip


def test_a_chat_counts_levels_topics_and_questions() -> None:
    one = case(
        "CHAT-ES", 1, opening="me duele", level="I", max_level="I", must_elicit=["duration", "fever", "cough"]
    )
    asked = prediction(
        one, "I", asked=["duration"], symptoms=[Symptom(code="fever", status="absent")], ms=[1.0] * 4
    )
    row = figures((one, asked)).as_json()["CHAT-ES"]
    assert row["level_ok"] == 1.0
    assert row["elicited"] == pytest.approx(2 / 3)
    assert (row["questions_median"], row["questions_emergency_median"]) == (3, 3)


def test_a_set_that_is_not_given_is_absent() -> None:
    one = case("ADMIN-ES", 1, level="C")
    assert set(figures((one, prediction(one, "C"))).as_json()) == {"ADMIN-ES", "ms_per_turn"}


@pytest.mark.parametrize(
    "line",
    ['{"id": "a", "set": "NO-SUCH", "turns": ["x"]}', '{"id": "a", "set": "RF-ES"}', "{",
     '{"set": "RF-ES", "turns": ["x"]}',
     '{"id": "a", "set": "RF-ES", "turns": [{"text": "x", "times": 99999999}]}'],
)  # fmt: skip
def test_a_line_that_is_no_case_is_refused_with_its_place(line: str, tmp_path: Path) -> None:
    file = tmp_path / "cases.jsonl"
    file.write_text(f"\n{line}\n", "utf-8")
    with pytest.raises(InvalidCase, match=r"cases\.jsonl:2"):
        read_cases([file])


def test_a_repeated_turn_is_written_out_and_an_id_comes_once(tmp_path: Path) -> None:
    file = tmp_path / "cases.jsonl"
    row = {"id": "a", "set": "ATTACK-ES", "turns": [{"text": "ja ", "times": 3}]}
    file.write_text(json.dumps(row) + "\n", "utf-8")
    assert read_cases([file])[0].turns == ("ja ja ja ",)
    with pytest.raises(InvalidCase, match="already"):
        read_cases([file, file])
