"""Who is sick, how old, how far a pregnancy is, and what was measured."""

from datetime import date

import pytest

from ayni.qhali.extraction import Understanding, understand

TODAY = date(2026, 11, 23)


def read(text: str) -> Understanding:
    return understand(text, turn=1, today=TODAY)


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("tengo fiebre", "self"),
        ("me duele la cabeza", "self"),
        ("mi hijita está con tos", "child"),
        ("mi bebé no me quiere mamar", "child"),
        ("mi wawa tiene soltura", "child"),
        ("mi mamá se desmayó", "parent"),
        ("a mi papá le duele el pecho", "parent"),
        ("mi esposo vomita sangre", "partner"),
        ("mi abuelita no despierta", "other"),
        ("mi vecino no respira", "other"),
        ("mi mamá me dice que tengo fiebre", "self"),
        ("mi esposa dice que exagero pero me duele el pecho", "self"),
        ("tengo tos y mi hijo también tiene fiebre", "self"),
        ("todos en mi casa están con diarrea, a mí me duele la barriga", "self"),
        ("tengo fiebre, perdón, lo tiene mi hijita, no yo", "child"),
    ],
)
def test_the_sick_one_is_found(text: str, subject: str) -> None:
    assert read(text).subject == subject


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("tengo tos y mi hijo también tiene fiebre", "fever"),
        ("mi vecina tuvo fiebre", "fever"),
        ("el bebé de mi prima tiene tos, el mío está bien", "cough"),
    ],
)
def test_what_others_have_is_theirs(text: str, code: str) -> None:
    assert [fact.status.value for fact in read(text).facts if fact.concept == code] == ["other-person"]


def test_a_stranger_in_danger_is_the_patient() -> None:
    assert {fact.status.value for fact in read("mi vecino no respira").facts} == {"present"}


@pytest.mark.parametrize(
    ("text", "months"),
    [
        ("mi nena de 5 le duele el oído", 60),
        ("mi bebito de 2 semanas está amarillo", 0),
        ("mi bb d año y medio tiene tos", 18),
        ("la niña, dos años, está con soltura", 24),
        ("mujer de 38 años", 456),
        ("nació hace diez días", 0),
        ("tengo dos años con esta tos", None),
        ("estoy embarazada de 7 meses", None),
        ("me duele de 9 a 10 de la noche", None),
    ],
)
def test_ages_as_people_say_them(text: str, months: int | None) -> None:
    age = read(text).age
    assert (age.months if age else None) == months


@pytest.mark.parametrize(
    ("text", "weeks", "days"),
    [
        ("estoy de 33 semanas", 33, None),
        ("estoy embarazada de dos meses", 8, None),
        ("di a luz hace seis días", None, 6),
        ("hace una semana tuve mi bebé", None, 7),
        ("tengo tos hace tres semanas", None, None),
    ],
)
def test_pregnancy_and_childbed_are_counted(text: str, weeks: int | None, days: int | None) -> None:
    found = read(text).obstetric
    assert (found.gestation_weeks, found.postpartum_days) == (weeks, days)


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("tiene 38.7 de fiebre", "temperature", 38.7),
        ("treinta y ocho y medio de temperatura", "temperature", 38.5),
        ("tengo treinta y siete seis de temperatura", "temperature", 37.6),
        ("38 le salió", "temperature", 38.0),
        ("su saturación es 88", "spo2", 88.0),
        ("le conté 52 respiraciones por minuto", "breaths", 52.0),
        ("mi presión salió 165/112", "systolic", 165.0),
        ("mi presión está en 16 con 11", "systolic", 160.0),
        ("mi azúcar salió 320", "glucose", 320.0),
        ("su hemoglobina es 6.5", "haemoglobin", 6.5),
    ],
)
def test_measured_values_are_read(text: str, kind: str, value: float) -> None:
    assert [each.value for each in read(text).measured if each.kind == kind] == [value]


@pytest.mark.parametrize("text", ["tengo 38 años", "hace 40 días", "tomé 3 pastillas", "mi DNI es 40123456"])
def test_other_figures_are_no_measurements(text: str) -> None:
    assert read(text).measured == ()


@pytest.mark.parametrize(
    ("text", "status"),
    [("me medí y salió 36.6", "absent"), ("tengo 38.2", "present"), ("está sin fiebre, 36.7", "absent")],
)
def test_a_thermometer_decides_about_fever(text: str, status: str) -> None:
    (fever,) = (fact for fact in read(text).facts if fact.concept == "fever")
    assert (fever.status.value, fever.temperature_c is not None) == (status, True)
