"""What the scripts that learn share: the features of a text, and the weights in the form the product reads.

They need scikit-learn, which the product does not: `uv run --with scikit-learn python evaluations/…`. One
linear support vector machine (LinearSVC) for each class; weights are kept as steps of 8 bits, and small ones
left out.
"""

from array import array
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import msgspec
import numpy as np
from sklearn.feature_extraction import DictVectorizer
from sklearn.preprocessing import normalize
from sklearn.svm import LinearSVC

from ayni.qhali.extraction.net import Weights, feature_of_pair, features_of_word
from ayni.qhali.extraction.tables import data
from ayni.qhali.extraction.words import Word

HERE = Path(__file__).parent
NOT_LEARNT = frozenset({"figures"})
"""Folders left out; a new round stands here until it has been played once."""

STEPS = 127


def features(sentences: Sequence[Sequence[Word]]) -> set[str]:
    """What a text of so many sentences is made of."""
    words = {(word.stem, word.sound) for sentence in sentences for word in sentence}
    pairs = {(one.stem, other.stem) for sentence in sentences for one, other in pairwise(sentence)}
    of_pairs = {feature_of_pair(one, other) for one, other in pairs}
    return of_pairs.union(*(features_of_word(stem, sound) for stem, sound in words))


class Texts:
    """Texts, each of so many sentences, as a matrix of features."""

    def __init__(self, texts: Sequence[Sequence[Sequence[Word]]]) -> None:
        vectors = DictVectorizer()
        self.matrix = normalize(vectors.fit_transform([dict.fromkeys(features(text), 1.0) for text in texts]))
        self.names = list(vectors.feature_names_)

    def write(self, file: str, machines: dict[LinearSVC, Sequence[str]], weight_least: float) -> str:
        """Writes the weights of machines, each with the names of its classes, and says how many."""
        learnt = np.vstack([machine.coef_ for machine in machines])
        weights = np.where(np.abs(learnt) < weight_least, 0.0, learnt)
        scale = float(np.abs(weights).max()) / STEPS
        steps = np.rint(weights / scale).astype(np.int8)
        kept = np.flatnonzero(steps.any(axis=0))
        starts, classes_of, told = array("I", [0]), array("H"), array("b")
        for at in kept:
            found = np.flatnonzero(steps[:, at])
            classes_of.extend(found.tolist())
            told.extend(steps[found, at].tolist())
            starts.append(len(told))
        packed = Weights(
            classes=[str(each) for names in machines.values() for each in names],
            bias=[round(float(each), 3) for machine in machines for each in machine.intercept_],
            features=[self.names[at] for at in kept],
            scale=scale,
            starts=starts.tobytes(),
            classes_of=classes_of.tobytes(),
            steps=told.tobytes(),
        )
        Path(str(data(file))).write_bytes(msgspec.msgpack.encode(packed))
        return f"{self.matrix.shape[0]} texts, {len(kept)} features, {len(told)} weights\n"
