"""Whether a model may be asked at all: the operator says yes with a setting, the citizen with a consent."""

from collections.abc import Iterable
from pathlib import Path

from ayni.qhali.models.address import read_address
from ayni.qhali.models.extractor import ModelExtractor
from ayni.qhali.models.language_model import LanguageModel
from ayni.qhali.models.phraser import ModelPhraser
from ayni.qhali.models.ports import OFFLINE, Ports


def open_language_model(address: str, key_file: Path | None, *, setting: str) -> LanguageModel | None:
    """The operator's model; None when no address is set. SettingError or CannotStart for one of no use.

    `setting` is the name of what holds the address, for the message that says what to mend.
    """
    if not address:
        return None
    key = key_file.read_text("utf-8").strip() if key_file is not None else ""
    return LanguageModel(read_address(address, setting), key=key)


def ports_for(model: LanguageModel | None, *, citizen_agrees: bool, known: Iterable[str] = ()) -> Ports:
    """The ports of one conversation: the rules, unless both the operator and the citizen say yes.

    `known`: names of the citizen that are known already, hidden from the model wherever they stand.
    """
    if model is None or not citizen_agrees:
        return OFFLINE
    return Ports(extractor=ModelExtractor(model, known=known), phraser=ModelPhraser(model))
