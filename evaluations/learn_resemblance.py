"""Learns the weights of `ayni/qhali/extraction/data/resemblance.tsv` from the cases of this folder.

    python evaluations/learn_resemblance.py

Two logistic regressions over the features of a sentence: emergency or not, and level I or II of those that
are. A case of several sentences teaches by the one that resembles an emergency most. No package is needed,
and the order is drawn from a fixed seed, so the same cases give the same table. Cases of folders named in
NOT_LEARNT are left out, so that they can say how well it works on words that it has not seen.
"""

import json
import math
import random
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from ayni.qhali.extraction.resemblance import features, sentences_of
from ayni.qhali.extraction.tables import data
from ayni.qhali.extraction.words import words_of

ROUNDS = 12
RATE, FADING, HOLDING = 0.3, 0.5, 1e-5
"""How far one case moves the weights, how soon less, and how much every step shrinks them."""

WEIGHT_LEAST = 0.2
"""Smaller weights change no sign and are not kept."""

NOT_LEARNT = frozenset({"figures", "twelfth_look"})
CHARACTERS_MAX = 1500

Sentences = list[tuple[str, ...]]
Example = tuple[Sentences, str]
Weights = dict[str, float]


def cases() -> Iterator[dict]:
    """Every case of every folder that is learnt from, in the order of its name."""
    for path in sorted(Path(__file__).parent.glob("*/*.jsonl")):
        if path.parent.name not in NOT_LEARNT:
            yield from map(json.loads, path.read_text("utf-8").splitlines())


def label(case: dict) -> str | None:
    """I, II or none; None for a case that does not say."""
    if case["set"] == "RF-ES":
        return "none" if case["kind"] == "decoy" else case["level"] if case["level"] in ("I", "II") else None
    if case["set"] == "SEMIGRAN-ES":
        return "II" if case["triage"] == "emergent" else "none"
    return "none" if case["set"] in ("BENIGN-ES", "ADMIN-ES") else None


def sentences(case: dict) -> Sentences:
    """The features of each sentence of a case."""
    texts = [turn if isinstance(turn, str) else turn["text"] for turn in case["turns"]]
    found = [
        tuple(sorted(features(each)))
        for text in texts
        for each in sentences_of(words_of(text[:CHARACTERS_MAX]))
    ]
    return found or [()]


def score(weights: Weights, found: tuple[str, ...]) -> float:
    """The log odds of one sentence."""
    return weights[""] + sum(weights.get(each, 0.0) for each in found) / math.sqrt(len(found) or 1)


def learnt(examples: list[Example], is_positive: Callable[[str], bool]) -> Weights:
    """The weights after so many rounds over the examples."""
    weights: Weights = {"": 0.0}
    order = random.Random(1)  # noqa: S311 - the same order each time
    examples = list(examples)
    for number in range(ROUNDS):
        order.shuffle(examples)
        rate = RATE / (1 + number * FADING)
        for found, told in examples:
            step(weights, found, is_positive(told), rate)
    return weights


def step(weights: Weights, found: Sentences, is_so: bool, rate: float) -> None:
    """One case moves the weights of its most alarming sentence."""
    worst = max(found, key=lambda each: score(weights, each))
    error = 1 / (1 + math.exp(-score(weights, worst))) - is_so
    weights[""] -= rate * error * 0.1
    for each in worst:
        move = rate * error * 3 / math.sqrt(len(worst))
        weights[each] = weights.get(each, 0.0) * (1 - HOLDING) - move


def main() -> None:
    """Writes the table."""
    told = [(sentences(case), label(case)) for case in cases() if label(case)]
    emergency = learnt(told, lambda each: each != "none")
    life = learnt([example for example in told if example[1] != "none"], lambda each: each == "I")
    kept = [
        (each, emergency.get(each, 0.0), life.get(each, 0.0))
        for each in sorted({*emergency, *life})
        if not each or max(abs(emergency.get(each, 0.0)), abs(life.get(each, 0.0))) > WEIGHT_LEAST
    ]
    lines = (f"{each}\t{one:.2f}\t{other:.2f}" for each, one, other in kept)
    Path(str(data("resemblance.tsv"))).write_text("\n".join(lines) + "\n", "utf-8")
    sys.stdout.write(f"{len(told)} cases, {len(kept)} weights\n")


if __name__ == "__main__":
    main()
