"""Where a text names a person: after "me llamo" and its like, by lists of names, by capital letters."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from ayni.qhali.extraction.words import Word, words_of
from ayni.qhali.models.wordlists import phrases_under, words_under

NAME_WORDS_MAX = 5
_PARTICLES = frozenset(["de", "del", "la", "las", "los", "san", "santa"])
_SENTENCE_ENDS = frozenset(".!?¿¡:\n")
_OF_SUBJECTS = frozenset(
    ["tiene", "esta", "se", "no", "le", "ha", "fue", "dice", "vive", "ya", "es", ",", "."]
)


def name_spans(text: str, words: Sequence[Word], known: Iterable[str] = ()) -> Iterator[tuple[int, int]]:
    """(start, end) of every name, which may overlap. `known` names are found wherever they stand."""
    names = _Names(text, words, frozenset(word.text for name in known for word in words_of(name)))
    for first in range(len(words)):
        last = names.introduced(first) or names.titled(first) or names.plain(first)
        if last is not None:
            begin = first if names.begins(first) else names.after(first)
            yield words[begin].start, words[last].end


class _Names:
    """The words of one text, asked whether they are names."""

    def __init__(self, text: str, words: Sequence[Word], known: frozenset[str]) -> None:
        self._text, self._words, self._known = text, words, known
        self._texts = [word.text for word in words]
        self._given = words_under("names.txt", "given") | words_under("names.txt", "family")
        self._doubtful = words_under("names.txt", "doubtful")
        self._ends = words_under("surroundings.txt", "ends")

    def begins(self, at: int) -> bool:
        """Whether the name begins with this word itself, and not behind it."""
        return self.introduction(at) == 0 and self._texts[at] not in words_under("surroundings.txt", "titles")

    def after(self, at: int) -> int:
        """The first word behind an introduction or a title, past "Sra." and "mi nombre:"."""
        after = at + max(self.introduction(at), 1)
        while after < len(self._texts) and self._texts[after] in (".", ":"):
            after += 1
        return after

    def introduction(self, at: int) -> int:
        """How many words introduce a name here."""
        phrases = phrases_under("surroundings.txt", "introductions")
        return next((len(each) for each in phrases if tuple(self._texts[at : at + len(each)]) == each), 0)

    def introduced(self, at: int) -> int | None:
        """The last word of the name behind an introduction: any words up to an end."""
        return self._last(self.after(at), self._may_follow) if self.introduction(at) else None

    def titled(self, at: int) -> int | None:
        """The last word of the name behind "señora", "mi hijo" and their like."""
        if self._texts[at] not in words_under("surroundings.txt", "titles"):
            return None
        is_strong = self._texts[at] in words_under("surroundings.txt", "addressed")
        return self._last(self.after(at), self._may_be_addressed if is_strong else self._is_titled)

    def plain(self, at: int) -> int | None:
        """The last word of a name that begins here without any announcement."""
        is_listed = self._is_certain(at) or (self._texts[at] in self._doubtful and self._is_name(at))
        if is_listed or (self._is_large(at) and self._is_named_with(at)):
            return self._last(at, self._is_name)
        return None

    def _last(self, first: int, belongs: Callable[[int], bool]) -> int | None:
        last = None
        for at in range(first, min(first + NAME_WORDS_MAX, len(self._words))):
            if belongs(at):
                last = at
            elif not (last is not None and self._texts[at] in _PARTICLES):
                break
        return last

    def _may_follow(self, at: int) -> bool:
        return self._is_word(at) and self._texts[at] not in self._ends | _PARTICLES

    def _may_be_addressed(self, at: int) -> bool:
        return self._may_follow(at) and self._texts[at] not in words_under("surroundings.txt", "described")

    def _is_titled(self, at: int) -> bool:
        is_subject = at + 1 < len(self._texts) and self._texts[at + 1] in _OF_SUBJECTS
        return self._is_name(at) or self._is_large(at) or (self._texts[at] in self._doubtful and is_subject)

    def _is_name(self, at: int) -> bool:
        """A name of the lists, a capital letter inside a sentence, or a doubtful word beside a name."""
        is_doubtful = self._texts[at] in self._doubtful and any(map(self._is_listed, self._beside(at)))
        return self._is_certain(at) or self._is_large(at) or is_doubtful

    def _is_named_with(self, at: int) -> bool:
        """Whether a large word is a name of the lists, or has another large word beside it."""
        return self._texts[at] in self._doubtful or any(map(self._is_large, self._beside(at)))

    def _beside(self, at: int) -> list[int]:
        """The words before and after, past "de la"."""
        before, after = at - 1, at + 1
        while before >= 0 and self._texts[before] in _PARTICLES:
            before -= 1
        while after < len(self._texts) and self._texts[after] in _PARTICLES:
            after += 1
        inside = [each for each in (before, after) if 0 <= each < len(self._texts)]
        return [each for each in inside if self._texts[each] != self._texts[at]]

    def _is_listed(self, at: int) -> bool:
        return self._is_certain(at) or self._texts[at] in self._doubtful

    def _is_certain(self, at: int) -> bool:
        text = self._texts[at]
        return text in self._known or (text in self._given and text not in self._doubtful)

    def _is_large(self, at: int) -> bool:
        """Written as names are: "Quispe", and not at the beginning of a sentence nor a text in capitals."""
        word = self._text[self._words[at].start : self._words[at].end]
        starts = at == 0 or self._texts[at - 1] in _SENTENCE_ENDS
        return not starts and word.istitle() and len(word) > 2 and self._texts[at] not in self._ends

    def _is_word(self, at: int) -> bool:
        return self._texts[at][:1].isalpha()
