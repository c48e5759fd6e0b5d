"""Symptoms, subject and duration, micro-averaged over (case, code, status)."""

from collections.abc import Sequence
from typing import Any

from ayni.qhali.evaluation.durations import hours
from ayni.qhali.evaluation.predictions import Symptom
from ayni.qhali.evaluation.scored import Judged, Score, rate

COMPARED = ("present", "absent")
ALSO_COUNTED = ("past", "uncertain", "other-person")
"""Printed where a case has them or something was heard so."""


def extraction(judged: Sequence[Judged]) -> Score:
    """Precision, recall and F1 by status, and how often subject and duration are right; None of nothing."""
    told = {status for each in judged for _, status in (*_expected(each), *_found(each))}
    statuses = (*COMPARED, *(status for status in ALSO_COUNTED if status in told))
    figures: dict[str, Any] = {status: _by_status(judged, status) for status in statuses}
    subjects = [each for each in judged if "subject" in each.case.expected["expect"]]
    wrong = [each for each in subjects if each.prediction.subject != each.case.expected["expect"]["subject"]]
    durations = [pair for each in judged for pair in _durations(each)]
    figures["subject_accuracy"] = rate(len(subjects) - len(wrong), len(subjects))
    figures["duration_accuracy"] = rate(sum(told == meant for told, meant in durations), len(durations))
    return Score(figures, [error for each in judged for error in _errors(each)])


def _expected(each: Judged) -> dict[tuple[str, str], dict[str, Any]]:
    rows = each.case.expected["expect"]["symptoms"]
    return {(row["code"], row["status"]): row for row in rows}


def _found(each: Judged) -> dict[tuple[str, str], Symptom]:
    return {(symptom.code, symptom.status): symptom for symptom in each.prediction.symptoms}


def _by_status(judged: Sequence[Judged], status: str) -> dict[str, float | None]:
    right = wanted = given = 0
    for each in judged:
        expected = {code for code, which in _expected(each) if which == status}
        found = {code for code, which in _found(each) if which == status}
        right, wanted, given = right + len(expected & found), wanted + len(expected), given + len(found)
    f1 = rate(2 * right, wanted + given)
    return {"precision": rate(right, given), "recall": rate(right, wanted), "f1": f1}


def _durations(each: Judged) -> list[tuple[float | None, float | None]]:
    """(found, expected) in hours wherever the code was found with the right status."""
    expected, found = _expected(each), _found(each)
    return [
        (hours(found[key].duration), hours(expected[key]["duration"])) for key in expected if key in found
    ]


def _errors(each: Judged) -> list[str]:
    expect, prediction = each.case.expected["expect"], each.prediction
    expected, found = _expected(each), _found(each)
    missing = [f"-{code}:{status}" for code, status in expected if (code, status) not in found]
    extra = [f"+{code}:{status}" for code, status in found if (code, status) not in expected]
    other = [
        f"{key[0]} duration {found[key].duration} for {expected[key]['duration']}"
        for key, (told, meant) in zip(
            [key for key in expected if key in found], _durations(each), strict=True
        )
        if told != meant
    ]
    if prediction.subject != expect.get("subject", prediction.subject):
        other.append(f"subject {prediction.subject} for {expect['subject']}")
    wrong = [*missing, *extra, *other]
    return [each.error(" ".join(wrong))] if wrong else []
