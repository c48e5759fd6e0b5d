"""A language model may put a question of the record into another language, below the Spanish one.

Only texts of a closed list, and only into languages the operator allows. Nothing about safety is on the list,
and no Quechua is made by a machine. Any doubt is None: then the Spanish text stands alone.
"""

import json
import re
from collections import Counter
from collections.abc import Set
from functools import cache
from importlib.resources import files

from ayni.qhali.conversation.questions import TOPICS_HEADING, question
from ayni.qhali.models.language_model import TRANSLATE_SECONDS, LanguageModel, NoAnswer
from ayni.qhali.models.must_not import speaks_of
from ayni.qhali.models.ports import SPANISH
from ayni.qhali.models.turn_time import TurnTime
from ayni.wire.settings import SettingError

LONGER_TIMES = 3
"""No language needs more letters than this for the same; more is an explanation."""

_LANGUAGE = re.compile(r"[a-z]{2,3}")
_QUECHUAN = "q"
"""`qu`, `qvc`, `quz`…: the codes of ISO 639 that begin so are the Quechuan languages, and a few far away."""

_NUMBERED = re.compile(r"\d\. ")
_NUMBER = re.compile(r"\d+")
_NAME = re.compile(r"(?<=[\w,;] )[A-ZÁÉÍÓÚÑ]\w+")
_ASKS = re.compile(r"[?？؟]")
_FOREIGN = re.compile(r"[<>@{}\[\]]|https?:|www\.")


class ModelTranslator:
    """The translator port by a model, for questions of the list in `data/translatable.txt`."""

    def __init__(self, model: LanguageModel | TurnTime, languages: Set[str]) -> None:
        self._model, self._languages = model, languages

    def __call__(self, text: str, language: str) -> str | None:
        """The text in a language (BCP 47), None where it may not be translated or the model is silent."""
        spoken = language.partition("-")[0].lower()
        if spoken == SPANISH:
            return text
        if spoken not in self._languages or not may_be_spoken(spoken) or not may_be_translated(text):
            return None
        said = json.dumps({"language": spoken, "text": text}, ensure_ascii=False)
        try:
            answer = self._model.ask(
                "Translation", instructions=_instructions(), said=said, seconds=TRANSLATE_SECONDS
            )
        except NoAnswer:
            return None
        translated: str = answer.text.strip()
        return translated if is_kept(text, translated) else None


def read_languages(text: str, name: str) -> frozenset[str]:
    """The languages of a setting, `en,pt`; SettingError for what is no code, Spanish, or Quechua."""
    languages = frozenset(filter(None, (each.strip().lower() for each in text.split(","))))
    for each in languages:
        if not _LANGUAGE.fullmatch(each) or each == SPANISH:
            raise SettingError(f"{name}: write codes of languages besides Spanish, such as en,pt")
        if not may_be_spoken(each):
            raise SettingError(f"{name}: no machine makes Quechua for citizens: take out {each}")
    return languages


def may_be_spoken(language: str) -> bool:
    """Whether a machine may make texts in a language at all: Quechua waits for a registered translator."""
    return not language.startswith(_QUECHUAN)


def may_be_translated(text: str) -> bool:
    """Whether every line is a text of the closed list."""
    return all(_NUMBERED.sub("", line, count=1) in _translatable() for line in text.split("\n"))


def is_kept(text: str, translated: str) -> bool:
    """Whether lines, numbers, names and questions are still there, and nothing came in."""
    before, after = text.split("\n"), translated.split("\n")
    return (
        text != translated
        and len(before) == len(after)
        and all(map(_is_line_kept, before, after))
        and not _FOREIGN.search(translated)
        and not speaks_of(translated, "diagnosis", "medicine")
    )


def _is_line_kept(before: str, after: str) -> bool:
    return (
        0 < len(after) <= LONGER_TIMES * len(before)
        and Counter(_NUMBER.findall(before)) == Counter(_NUMBER.findall(after))
        and all(name in after for name in _NAME.findall(before))
        and len(_ASKS.findall(before)) == len(_ASKS.findall(after))
    )


@cache
def _translatable() -> frozenset[str]:
    lines = _data("translatable.txt").splitlines()
    listed = (question(line).text for line in lines if line and not line.startswith("#"))
    return frozenset((TOPICS_HEADING, *listed))


@cache
def _instructions() -> str:
    return _data("translate.md")


def _data(name: str) -> str:
    return files("ayni.qhali.models").joinpath("data", name).read_text("utf-8")
