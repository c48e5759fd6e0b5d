"""Whether a model may be asked at all: the operator says yes with a setting, the citizen with a consent."""

import stat
from collections.abc import Iterable, Set
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ayni.qhali.models.address import read_address
from ayni.qhali.models.extractor import ModelExtractor
from ayni.qhali.models.language_model import LanguageModel
from ayni.qhali.models.phraser import ModelPhraser
from ayni.qhali.models.planner import ModelPlanner
from ayni.qhali.models.ports import OFFLINE, Ports
from ayni.qhali.models.translator import ModelTranslator
from ayni.qhali.models.turn_time import TurnTime
from ayni.wire.settings import SettingError


@dataclass(frozen=True, slots=True)
class ModelPermission:
    """A citizen's yes to the model she was shown, until she takes it back."""

    model: str
    given_at: datetime
    withdrawn_at: datetime | None = None

    def is_for(self, model: LanguageModel | None) -> bool:
        """Whether this model, in this place, may hear the next words."""
        return model is not None and self.withdrawn_at is None and self.model == model.called


def open_language_model(address: str, key_file: Path | None, *, setting: str) -> LanguageModel | None:
    """The operator's model; None when no address is set. SettingError or CannotStart for one of no use.

    `setting` is the name of what holds the address, for the message that says what to mend.
    """
    if not address:
        return None
    key = _key_in(key_file, setting) if key_file is not None else ""
    return LanguageModel(read_address(address, setting), key=key)


def _key_in(path: Path, setting: str) -> str:
    """The key of a file that nobody but its owner may read."""
    try:
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise SettingError(f"{setting}: others can read the key in {path}: chmod 600 {path.name}")
        key = path.read_text("ascii").strip()
    except (OSError, ValueError) as error:  # not there, or not plain text
        raise SettingError(f"{setting}: the key file {path} cannot be read") from error
    if not key:
        raise SettingError(f"{setting}: the key file {path} is empty")
    return key


def ports_for(
    model: LanguageModel | None,
    *,
    citizen_agrees: bool,
    known: Iterable[str] = (),
    languages: Set[str] = frozenset(),
) -> Ports:
    """The ports of one turn: the rules, unless both the operator and the citizen say yes.

    `known`: names of the citizen that are known already, hidden from the model wherever they stand.
    `languages`: those besides Spanish that the operator allows.
    """
    if model is None or not citizen_agrees:
        return OFFLINE
    turn = TurnTime(model)
    return Ports(
        extractor=ModelExtractor(turn, known=known),
        planner=ModelPlanner(turn),
        phraser=ModelPhraser(turn),
        translator=ModelTranslator(turn, languages),
        begin_turn=turn.begin,
    )
