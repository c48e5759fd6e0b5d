"""Learns `ayni/qhali/extraction/data/resemblance.msgpack` from the stories of this folder.

    uv run --with scikit-learn python evaluations/learn_resemblance.py

A class for each red flag at each level ("RF40:I"), and one for the stories that need no hurry: decoys,
everyday complaints, questions for the counter. Cases of the folders named in NOT_LEARNT are left out.
"""

import json
import sys
from collections.abc import Iterator
from typing import Any

from learning import HERE, NOT_LEARNT, Texts
from sklearn.svm import LinearSVC

from ayni.qhali.extraction.net import NOTHING
from ayni.qhali.extraction.resemblance import FILE, SIGNS, sentences_of
from ayni.qhali.extraction.words import Word, in_one_line, words_of

WEIGHT_LEAST = 0.15
"""Smaller weights are left out: they cost more than they tell."""

LOOSENESS = 1.0
"""How closely the stories are followed (the C of a machine)."""

CHARACTERS_MAX = 1500
OF_VIGNETTES = "vignette:II"
"""The class of the vignettes that should not wait; which red flag it is they do not say."""

OF_NOTHING = frozenset({"none", "idiom", "hypothetical", "past", "other"})


def cases() -> Iterator[dict[str, Any]]:
    """Every case of every folder that is learnt from, in the order of its name."""
    for path in sorted(HERE.glob("*/*.jsonl")):
        if path.parent.name not in NOT_LEARNT:
            yield from map(json.loads, path.read_text("utf-8").splitlines())


def label(case: dict[str, Any]) -> str | None:
    """The class of a case; None for one that does not say."""
    if case["set"] == "RF-ES" and case["kind"] == "positive":
        return f"{case['rule']}:{case['level']}" if case["level"] in SIGNS else NOTHING
    if case["set"] == "SEMIGRAN-ES":
        return OF_VIGNETTES if case["triage"] == "emergent" else NOTHING
    return NOTHING if case["set"] in ("RF-ES", "BENIGN-ES", "ADMIN-ES", "CHAT-ES") else None


def story(case: dict[str, Any]) -> list[list[Word]]:
    """The sentences of all messages; of an interview those of its opening, which says only the complaint."""
    turns = case.get("turns", [case.get("opening")])
    told = " . ".join(turn if isinstance(turn, str) else turn["text"] for turn in turns)
    return list(sentences_of(list(in_one_line(words_of(told[:CHARACTERS_MAX])))))


def of_nothing() -> Iterator[list[list[Word]]]:
    """The clauses of the corpus that tell of nothing that is so now: words of emergencies in harmless use."""
    for path in sorted((HERE / "clauses").glob("*.tsv")):
        for line in path.read_text("utf-8").splitlines():
            _, status, text = line.split("\t")[:3]
            if status in OF_NOTHING:
                yield list(sentences_of(list(in_one_line(words_of(text)))))


def main() -> None:
    """Writes the weights."""
    told = [(story(case), of) for case in cases() if (of := label(case)) is not None]
    told += [(sentences, NOTHING) for sentences in of_nothing()]
    texts = Texts([sentences for sentences, _ in told])
    machine = LinearSVC(C=LOOSENESS, random_state=1).fit(texts.matrix, [of for _, of in told])
    sys.stdout.write(texts.write(FILE, {machine: list(machine.classes_)}, WEIGHT_LEAST))


if __name__ == "__main__":
    main()
