"""Learns `ayni/qhali/extraction/data/likeness.msgpack` from the clauses of `clauses/`.

    uv run --with scikit-learn python evaluations/learn_likeness.py

A class for each concept, one for the clauses that tell of no sickness, and a machine that tells what is so
now from what is denied, over, another's or only thought of. Questions for the counter and decoys of the cases
are clauses of no sickness too.
"""

import json
import random
import sys
from collections.abc import Iterator

from learning import HERE, NOT_LEARNT, Texts
from sklearn.svm import LinearSVC

from ayni.qhali.extraction.likeness import FILE, SO_NOW, parts
from ayni.qhali.extraction.net import NOTHING
from ayni.qhali.extraction.words import Word, in_one_line, words_of

WEIGHT_LEAST = 0.2
"""Smaller weights are left out: they cost more than they tell."""

OF_NOTHING = frozenset({"none", "idiom"})
LOOSENESS, LOOSENESS_SO_NOW = 1.0, 0.3
"""How closely the clauses are followed (the C of a machine)."""

Clause = tuple[list[Word], str, bool]
"""Its words, its class, and whether it says what is so now."""


def clauses() -> Iterator[Clause]:
    """Every clause of the corpus."""
    for path in sorted((HERE / "clauses").glob("*.tsv")):
        for line in path.read_text("utf-8").splitlines():
            code, status, text = line.split("\t")[:3]
            words = [word for word in in_one_line(words_of(text)) if word.text[0].isalnum()]
            yield words, NOTHING if status in OF_NOTHING else code, status == "present"


def of_nothing() -> Iterator[Clause]:
    """The clauses of the cases in which nothing is the matter."""
    for path in sorted(HERE.glob("*/*.jsonl")):
        for case in map(json.loads, path.read_text("utf-8").splitlines()):
            is_nothing = case["set"] == "ADMIN-ES" or case.get("kind") == "decoy"
            if is_nothing and path.parent.name not in NOT_LEARNT:
                yield from ((words, NOTHING, False) for turn in case["turns"] for words in _parts_of(turn))


def _parts_of(text: str) -> Iterator[list[Word]]:
    words = list(in_one_line(words_of(text)))
    yield from ([words[at] for at in part] for part in parts(words))


def main() -> None:
    """Writes the weights."""
    told = [*clauses(), *of_nothing()]
    random.Random(1).shuffle(told)  # noqa: S311 - the same order each time
    texts = Texts([[words] for words, *_ in told])
    of_concepts = LinearSVC(C=LOOSENESS, random_state=1).fit(texts.matrix, [each for _, each, _ in told])
    of_now = LinearSVC(C=LOOSENESS_SO_NOW, class_weight="balanced", random_state=1)
    of_now.fit(texts.matrix, [is_now for *_, is_now in told])
    machines = {of_concepts: list(of_concepts.classes_), of_now: [SO_NOW]}
    sys.stdout.write(texts.write(FILE, machines, WEIGHT_LEAST))


if __name__ == "__main__":
    main()
