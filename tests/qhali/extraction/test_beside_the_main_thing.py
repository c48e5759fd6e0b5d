"""What a clause says beside its main symptom: denials said after it, whose time a time is, whose body."""

from datetime import date

import pytest

from ayni.qhali.extraction import understand

TODAY = date(2026, 11, 23)  # a Monday


def told(text: str) -> dict[str, tuple[str, str | None]]:
    facts = understand(text, turn=1, today=TODAY).facts
    return {fact.concept: (fact.status.value, fact.duration) for fact in facts if fact.is_symptom}


def subject(text: str) -> str:
    return understand(text, turn=1, today=TODAY).subject


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("me duele la barriga, ganas de comer no me faltan", "loss-of-appetite"),
        ("tengo tos, el hambre no se me ha perdido", "loss-of-appetite"),
        ("lo mordió una víbora, todavía despierto está", "unconscious"),
        ("está somnolienta, pero responde cuando le hablo", "unconscious"),
        ("tiene 39 de fiebre, el cuello lo mueve bien", "stiff-neck"),
        ("me quemé la mano. Pus no hay", "skin-infection"),
        ("me duele la cabeza, la vista no se me ha ido", "vision-loss"),
        ("me duele la muela, todavía trago sin dificultad", "dysphagia"),
        ("le tiembla la mano, caídas no ha tenido", "fall"),
        ("estoy triste, no pienso en hacerme nada", "suicidal-ideation"),
        ("me duele el ojo. No está rojo", "eye-redness"),
        ("mi hija se agarra la oreja que le duele, no le sale nada", "ear-discharge"),
        ("tengo una llaga en el pene. No tengo secreción", "genital-discharge"),
        ("hace un mes ando ronco, tos no tengo", "cough"),
        ("la herida bota pus. ya no sale sangre ni he tenido escalofríos", "chills"),
    ],
)
def test_what_is_well_is_heard_as_denied(text: str, code: str) -> None:
    assert told(text)[code][0] == "absent"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("me corté el pie y bota pus la herida", "skin-infection"),
        ("no responde cuando le hablo", "unconscious"),
        ("el cuello no lo puede mover", "stiff-neck"),
        ("tengo dolor de oído y me sale un líquido", "ear-discharge"),
        ("mi bebita no quiere tomar pecho, el pecho no lo quiere agarrar", "not-feeding"),
        ("pasar hasta la saliva es un suplicio", "dysphagia"),
        ("agua y agua tomo, no me lleno", "excessive-thirst"),
        ("se cayó sobre unas piedras", "fall"),
    ],
)
def test_its_neighbours_are_present(text: str, code: str) -> None:
    assert told(text)[code][0] == "present"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("me duele el pecho cuando respiro hondo", "fast-breathing"),
        ("le cayó una piedra en la cabeza", "fall"),
        ("siento que el techo gira como rueda", "fall"),
        ("un grillo en la oreja que no se calla", "fall"),
        ("no me golpeé la cabeza porque me agarraron", "headache"),
        ("me quemé con agua hirviendo hace dos horas", "diarrhea"),
        ("a mi papá le salen manchas moradas hace una semana", "vaginal-bleeding"),
        ("el brazo le cuelga como trapo", "drowsiness"),
        ("me sube un ardor hasta el cogote", "neck-pain"),
        ("me cobraron la receta, a quién le reclamo para que me devuelvan", "vomiting"),
    ],
)
def test_a_neighbouring_word_makes_no_symptom(text: str, code: str) -> None:
    assert code not in told(text)


@pytest.mark.parametrize(
    ("text", "code", "duration"),
    [
        ("respira apurado. Tos tiene, dos días van", "fast-breathing", None),
        ("respira apurado. Tos tiene, dos días van", "cough", "P2D"),
        ("tengo tos. ya van dos días así", "cough", "P2D"),
        ("he bajado diez kilos en dos meses", "weight-loss", "P2M"),
        ("tengo mucha sed y bajé de peso en dos meses", "excessive-thirst", None),
        ("me duele la cabeza toda la semana", "headache", "P1W"),
        ("me duele la cabeza dsde aller", "headache", "P1D"),
        ("me quemé el brazo hace dos horas me salieron ampollas", "blisters", None),
        ("me quemé el brazo hace dos horas me salieron ampollas", "burn", "PT2H"),
        ("tres días que no hago del cuerpo, y la panza como tambor", "bloating", None),
        ("hace tres días tengo tos, fiebre y dolor de cabeza", "headache", "P3D"),
        ("hace un mes tuve dolor de cabeza ya no tengo", "headache", None),
    ],
)
def test_a_time_belongs_to_what_is_told_around_it(text: str, code: str, duration: str | None) -> None:
    assert told(text)[code][1] == duration


def test_an_appointment_in_two_months_is_no_length() -> None:
    assert told("tengo tos y mi cita es en dos meses")["cough"][1] is None


@pytest.mark.parametrize(
    ("text", "whose"),
    [
        ("el perro de la vecina me mordió la pierna y sangra", "self"),
        ("tengo siete meses y medio y mi bebé hoy casi ni patea", "self"),
        ("mi bebé de un mes casi no se mueve y no mama", "child"),
        ("mi bebita llora mucho y no quiere tomar pecho desde ayer tiene la nariz tapada", "child"),
        ("subí a Hualgayoc, la cabeza me duele. mi enamorada es la que está vomitando", "self"),
        ("la vecina está sangrando mucho", "other"),
    ],
)
def test_whose_body_it_is(text: str, whose: str) -> None:
    assert subject(text) == whose


def test_what_one_does_not_know_is_in_doubt() -> None:
    assert told("fiebre no sé, me siento tibio pero no me he medido")["fever"][0] == "uncertain"
