"""Learns the weights of `ayni/qhali/extraction/data/likeness.msgpack` from the clauses of `clauses/`.

    uv run --with scikit-learn python evaluations/learn_likeness.py

One linear support vector machine for each concept (scikit-learn's LinearSVC, which the product does not
need), over the features of a clause; one more for the clauses that tell of no sickness, and one that tells
what is so now from what is denied, over, another's or only thought of. Weights are kept as steps of 8 bits,
and small ones are left out.
"""

import json
import random
import sys
from array import array
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import msgspec
import numpy as np
from sklearn.feature_extraction import DictVectorizer
from sklearn.preprocessing import normalize
from sklearn.svm import LinearSVC

from ayni.qhali.extraction.likeness import NOTHING, SO_NOW, Net, feature_of_pair, features_of_word, parts
from ayni.qhali.extraction.tables import data
from ayni.qhali.extraction.words import in_one_line, words_of

WEIGHT_LEAST = 0.12
"""Smaller weights are left out: they cost more than they tell."""

STEPS = 127
NOT_LEARNT = frozenset({"figures", "thirteenth_look"})
"""Folders left out, so that they can say how well it reads words that it has not seen."""

OF_NOTHING = frozenset({"none", "idiom"})
LOOSENESS, LOOSENESS_SO_NOW = 1.0, 0.3
"""How closely the clauses are followed (the C of a machine)."""


def clauses() -> Iterator[tuple[str, str, bool]]:
    """Every clause, its class, and whether it says what is so now."""
    for path in sorted((Path(__file__).parent / "clauses").glob("*.tsv")):
        for line in path.read_text("utf-8").splitlines():
            code, status, text = line.split("\t")[:3]
            yield text, NOTHING if status in OF_NOTHING else code, status == "present"


def of_nothing() -> Iterator[tuple[str, str, bool]]:
    """The clauses of the cases in which nothing is the matter: questions for the counter, and decoys."""
    for path in sorted(Path(__file__).parent.glob("*/*.jsonl")):
        if path.parent.name in NOT_LEARNT:
            continue
        for case in map(json.loads, path.read_text("utf-8").splitlines()):
            if case["set"] == "ADMIN-ES" or case.get("kind") == "decoy":
                yield from ((text, NOTHING, False) for turn in case["turns"] for text in _clauses_of(turn))


def _clauses_of(text: str) -> Iterator[str]:
    words = list(in_one_line(words_of(text)))
    for part in parts(words):
        yield text[words[part[0]].start : words[part[-1]].end]


def features(text: str) -> set[str]:
    """What a clause is made of."""
    words = [word for word in in_one_line(words_of(text)) if word.text[0].isalnum()]
    pairs = {feature_of_pair(one.stem, other.stem) for one, other in pairwise(words)}
    return pairs.union(*(features_of_word(word.stem, word.sound) for word in words))


def net(of_concepts: LinearSVC, of_now: LinearSVC, names: list[str]) -> Net:
    """The weights of both machines in the form that the product reads."""
    learnt = np.vstack([of_concepts.coef_, of_now.coef_])
    weights = np.where(np.abs(learnt) < WEIGHT_LEAST, 0.0, learnt)
    scale = float(np.abs(weights).max()) / STEPS
    steps = np.rint(weights / scale).astype(np.int8)
    kept = [at for at in range(len(names)) if steps[:, at].any()]
    starts, classes_of, told = array("I", [0]), array("H"), array("b")
    for at in kept:
        found = np.flatnonzero(steps[:, at])
        classes_of.extend(found.tolist())
        told.extend(steps[found, at].tolist())
        starts.append(len(told))
    return Net(
        classes=[*map(str, of_concepts.classes_), SO_NOW],
        bias=[round(float(each), 3) for each in (*of_concepts.intercept_, *of_now.intercept_)],
        features=[names[at] for at in kept],
        scale=scale,
        starts=starts.tobytes(),
        classes_of=classes_of.tobytes(),
        steps=told.tobytes(),
    )


def main() -> None:
    """Writes the weights."""
    told = [*clauses(), *of_nothing()]
    random.Random(1).shuffle(told)  # noqa: S311 - the same order each time
    vectors = DictVectorizer()
    matrix = normalize(vectors.fit_transform([dict.fromkeys(features(text), 1.0) for text, *_ in told]))
    of_concepts = LinearSVC(C=LOOSENESS, random_state=1).fit(matrix, [each for _, each, _ in told])
    of_now = LinearSVC(C=LOOSENESS_SO_NOW, class_weight="balanced", random_state=1)
    of_now.fit(matrix, [is_now for *_, is_now in told])
    learnt = net(of_concepts, of_now, list(vectors.feature_names_))
    Path(str(data("likeness.msgpack"))).write_bytes(msgspec.msgpack.encode(learnt))
    sys.stdout.write(f"{len(told)} clauses, {len(learnt.features)} features, {len(learnt.steps)} weights\n")


if __name__ == "__main__":
    main()
