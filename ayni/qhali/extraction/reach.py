"""How far a cue reaches in speech that often has no punctuation."""

from collections.abc import Sequence
from itertools import takewhile

from ayni.qhali.extraction.phrasebook import HARD_STOPS, SENTENCE_ENDS
from ayni.qhali.extraction.words import Word

REACH_WORDS_MAX = 12
"""A denied list is as long as that; the next thought is not."""

JOINTS = frozenset({",", "y", "e", "o"})
GOES_ON = frozenset({"que", "ni", "no", "o", "de", "como", "nada", "tampoco", "cuando", "al"})
CLITICS = frozenset({"me", "le", "les", "se", "nos", "te", "lo"})
AUXILIARIES = frozenset(
    [
        "tengo",
        "tiene",
        "tienen",
        "tenemos",
        "tenga",
        "tenia",
        "hay",
        "haya",
        "he",
        "ha",
        "han",
        "hemos",
        "a",
        "e",
        "habia",
        "estoy",
        "esta",
        "estan",
        "este",
        "ando",
        "anda",
        "andan",
        "siento",
        "siente",
        "sienten",
        "sale",
        "salio",
        "sale",
        "da",
        "dan",
        "dio",
        "es",
        "fue",
        "era",
        "son",
        "ve",
        "veo",
        "hace",
        "hago",
        "hizo",
        "puedo",
        "puede",
        "quiere",
        "quiero",
        "deja",
        "dejo",
        "llega",
        "llego",
        "llegue",
        "alcanzo",
        "vi",
        "visto",
        "sentido",
        "tenido",
        "dado",
        "podido",
        "presenta",
    ]
)
LAST_VERBS = frozenset({"tiene", "tengo", "esta", "estoy", "anda", "ando", "siento", "siente", "hay", "da"})
LAST_VERB_WITHIN_WORDS = 6
DENIALS = frozenset({"no", "ni", "sin", "nada", "tampoco", "nunca"})
"""How a statement ends that puts its verb last, within how many words, and what it does not hold."""

REOPENERS = (
    CLITICS
    | AUXILIARIES
    | frozenset({"si", "ya", "solo", "solamente", "tambien", "ahora", "hoy", "yo", "mi", "desde", "ahi"})
)
CLOSERS = frozenset(
    [
        "ahora",
        "ahorita",
        "hoy",
        "ayer",
        "anoche",
        "actualmente",
        "recien",
        "quiero",
        "quisiera",
        "necesito",
        "busco",
        "yo",
    ]
)
"""What follows one of these is said of now."""

NOW = frozenset(
    {"tengo", "tiene", "tienen", "estoy", "estan", "puedo", "puede", "siento", "siente", "duele", "duelen"}
    | {"sale", "sangro", "sangra", "sangrando", "respiro", "respira", "veo", "vomito", "vomita"}
)
"""Verbs of what is so at this moment."""

AT_THIS_MOMENT = NOW | frozenset(
    {"ahoga", "ahogo", "amanece", "aprieta", "arde", "bota", "boto", "convulsiona", "despierta", "desmaya"}
    | {"desmayo", "escupe", "escupo", "falta", "habla", "llora", "mueve", "muevo", "quema", "quiero"}
    | {"quiere", "reacciona", "responde", "tose", "toso", "sudo", "suda", "tiembla", "tiemblo", "ando"}
    | {"anda", "voy"}
)
"""And verbs that tell of now where a clause begins with them, though a story may hold them too."""

NOW_WITHIN_WORDS = 4

AFTERTHOUGHTS = (
    CLITICS
    | AUXILIARIES
    | frozenset(
        {"encuentro", "encontre", "encontro", "encontraron", "aparece", "aparecido", "salido", "salio"}
    )
    | frozenset(
        {"hubo", "llegado", "felizmente", "gracias", "dios", "ahora", "hoy", "todavia", "aun", "mucho"}
    )
    | frozenset({"nada", "ninguna", "ningun", "todavia", "eso", "pues"})
    | frozenset({"boto", "bota", "botado", "orino", "vomito", "escupo", "noto", "nota", "veo", "ve", "visto"})
    | frozenset({"mi", "hijo", "hija", "hijito", "hijita", "bebe", "mama", "papa", "esposo", "esposa"})
)

HAVING = frozenset({"tiene", "tengo", "tienen", "tenemos", "hay", "tenia"})
AFTERTHOUGHT_WORDS_MAX = 5
"""So long is "no le han dado nunca"; more words are another thought."""

INFINITIVES = ("ar", "er", "ir", "arse", "erse", "irse")
ROOT_LETTERS = 4
"""So many first letters have the forms of one verb in common."""

QUESTION_ENDS = frozenset({"?", "¿"})

STAYS = ("sed", "kalm", "pas", "kit", "par", "baj", "suelt", "afloj", "mejor", "konpon", "aguant", "dej")
"""How what a symptom does not do begins to sound: "la tos no / cede" runs on over the line."""


GOES_ON_WITH = ("dej", "suelt", "afloj", "sed", "kalm")
"""How what a symptom does not do to its bearer begins to sound."""

FIRST_TIME = frozenset({"eso", "esto", "asi", "antes", "igual"})


def reach_of(words: Sequence[Word], cue: int, *, names_subject: bool = False) -> int:
    """The position after the last word that a denial or doubt at `cue` speaks of.

    `names_subject`: somebody may be named before the verb ("será que mi mamita se ha confundido").
    """
    texts = [word.text for word in words]
    end = min(len(texts), cue + 1 + REACH_WORDS_MAX)
    has_begun, waits_for_verb = False, names_subject
    for at in range(cue + 1, end):
        text = texts[at]
        if text in HARD_STOPS or words[at].begins_line or _draws_on(texts, at):
            return at
        if text in JOINTS and _is_no_list(texts, cue, at, is_doubt=names_subject):
            return at
        if text in JOINTS:
            has_begun = True
        elif text in REOPENERS and has_begun and texts[at - 1] not in GOES_ON | JOINTS | REOPENERS:
            return at
        elif text in CLITICS | AUXILIARIES:
            waits_for_verb = False
        elif text not in REOPENERS and not waits_for_verb:
            has_begun = True
    return end


def _is_no_list(texts: Sequence[str], cue: int, at: int, *, is_doubt: bool) -> bool:
    """Whether a comma or "y" ends what is denied or doubted; a denied list goes on with "ni".

    "Frío, sin temblar, confundido"; "no sé si está bien, no respira".
    """
    is_undone = texts[cue] == "sin" and texts[cue + 1].endswith(INFINITIVES)
    denies = is_doubt and texts[at + 1 : at + 2] == ["no"]
    is_end = texts[at] == "," and (is_undone or denies)
    return is_end or texts[at] in ("y", "e") or _begins_anew(texts, at + 1)


def _draws_on(texts: Sequence[str], at: int) -> bool:
    """ "No había nada, así que…", "no come porque…": what follows is its reason or its end."""
    return texts[at] in ("entonces", "porque", "xq") or list(texts[at : at + 2]) == ["asi", "que"]


def _begins_anew(texts: Sequence[str], at: int) -> bool:
    """Whether a new statement follows a comma or "y"."""
    following = texts[at : at + 3]
    if not following or following[0] in ("no", "ni", "sin"):
        return False
    if following[0] in REOPENERS | {"su", "sus"} or _ends_with_its_verb(texts, at):
        return True
    return len(following) > 1 and following[1] in AUXILIARIES | CLITICS and following[1] not in ("a", "e")


def _ends_with_its_verb(texts: Sequence[str], at: int) -> bool:
    """Whether a whole statement follows in the order of the highlands: "no puede, harta calentura tiene"."""
    clause = list(
        takewhile(lambda text: text not in HARD_STOPS | JOINTS, texts[at : at + LAST_VERB_WITHIN_WORDS])
    )
    verb = next((place for place, text in enumerate(clause) if text in LAST_VERBS), 0)
    return (
        verb > 0
        and DENIALS.isdisjoint(clause)
        and clause[verb + 1 : verb + 2] in ([], ["desde"], ["hace"], ["mi"])
    )


def after_denial(words: Sequence[Word], first: int, at: int) -> bool:
    """Whether "no", and nothing but its verb, stands from `at` on: "tos no tengo", "ampollas no hay".

    The end of a line ends it where the thing, from `first` on, is all that the line speaks of.
    """
    texts = [word.text for word in words]
    if (
        texts[at : at + 2] == ["ya", "no"]
        and at + 2 < len(texts)
        and _is_said_again(texts, first, at, at + 2)
    ):
        return True
    if (
        at >= len(texts)
        or texts[at] not in ("no", "tampoco", "nunca", "nada")
        or _is_i_do_not_know(texts, at)
        or _is_no_end(words, at)
    ):
        return False
    if texts[at : at + 3] == ["nada", "de", "nada"]:
        return True
    for position in range(at + 1, min(at + 1 + AFTERTHOUGHT_WORDS_MAX, len(texts) + 1)):
        if position == len(texts) or texts[position] in HARD_STOPS | JOINTS:
            return True
        if texts[position] in CLITICS and texts[position - 1] in HAVING:
            return True  # "fiebre no tiene le pusimos termómetro"
        if texts[position] not in AFTERTHOUGHTS and not _is_said_again(texts, first, at, position):
            is_all = first == 0 or words[first].begins_line
            return is_all and _begins_a_thing(words, position)
    return True


def _is_no_end(words: Sequence[Word], at: int) -> bool:
    """ "El dolor no me deja", "el ataque nunca le había dado antes": it goes on, or it is new."""
    following = words[at + 1 : at + 1 + AFTERTHOUGHT_WORDS_MAX]
    verb = next((word for word in following if word.text not in CLITICS), None)
    is_new = words[at].text == "nunca" and not FIRST_TIME.isdisjoint(word.text for word in following)
    return is_new or (verb is not None and verb.sound.startswith(GOES_ON_WITH))


def _is_said_again(texts: Sequence[str], first: int, at: int, position: int) -> bool:
    """ "Arrojar no arrojo", "sangrar no ha sangrado": the verb that was named comes back."""
    root = texts[position][:ROOT_LETTERS]
    return len(root) == ROOT_LETTERS and any(text.startswith(root) for text in texts[first:at])


def _begins_a_thing(words: Sequence[Word], at: int) -> bool:
    """Whether a new line begins at a position that does not go on with "no": "tos no / fiebre sí"."""
    goes_on = words[at - 1].text in CLITICS or words[at].sound.startswith(STAYS)
    return words[at].begins_line and not goes_on


def _is_i_do_not_know(texts: Sequence[str], at: int) -> bool:
    """ "Será el soroche, no sé"."""
    return list(texts[at : at + 2]) == ["no", "se"] and (
        at + 2 >= len(texts) or texts[at + 2] in HARD_STOPS | {","}
    )


def after_never(texts: Sequence[str], at: int) -> bool:
    """Whether a denial with its own verb begins at a position: "ni he tenido", "ni tiene"."""
    return texts[at] == "ni" and not AUXILIARIES.isdisjoint(texts[at + 1 : at + 2])


def doubted_after(words: Sequence[Word], at: int) -> bool:
    """Whether "no sé" and nothing else follows: "fiebre no sé", "¿se le hunden? no sabría decirle"."""
    texts = [word.text for word in words[at : at + 5] if word.text not in QUESTION_ENDS]
    if texts[:1] != ["no"] or texts[1:2] not in (["se"], ["sabria"], ["sabemos"]):
        return False
    rest = texts[2:3]
    return not rest or rest[0] in HARD_STOPS | JOINTS or rest[0].startswith(("deci", "bien", "pues", "si"))


def begins_now(texts: Sequence[str], at: int) -> bool:
    """Whether a clause of now begins at a joint: "hace diez años me operaron, no puedo respirar"."""
    if texts[at] not in JOINTS | {"pero"}:
        return False
    clause = takewhile(
        lambda text: text not in HARD_STOPS | JOINTS, texts[at + 1 : at + 1 + NOW_WITHIN_WORDS]
    )
    return not AT_THIS_MOMENT.isdisjoint(clause)


def ends_at(words: Sequence[Word], at: int) -> bool:
    """Whether a thought ends before the position `at`: at a stop, a comma or the end of all."""
    return at >= len(words) or words[at].text in HARD_STOPS | JOINTS


def sentence_of(words: Sequence[Word], first: int, last: int) -> tuple[int, int]:
    """First position and end of the sentence and line around the positions `first` to `last`."""
    while first > 0 and not _is_border(words, first):
        first -= 1
    end = last + 1
    while end < len(words) and words[end].text not in SENTENCE_ENDS and not words[end].begins_line:
        end += 1
    return first, end


def _is_border(words: Sequence[Word], at: int) -> bool:
    """Whether a sentence or a line begins at a position."""
    return words[at].begins_line or words[at - 1].text in SENTENCE_ENDS
