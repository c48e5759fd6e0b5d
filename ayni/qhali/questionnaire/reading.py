"""The QuestionnaireResponse of a call: by itself or in Parameters, and its one contained Questionnaire."""

from ayni.qhali.intake.form import CANONICAL
from ayni.vocabulary.fhir import FhirError, Resource, check

PARAMETER = "questionnaire-response"
IN_PROGRESS = "in-progress"


def response_in(sent: Resource) -> Resource:
    """The response, checked. Raises FhirError."""
    problems = check(sent)
    if problems:
        first = problems[0]
        raise FhirError(first.issue, f"Se esperaba {first.expected.spanish}.", expression=first.place)
    response = sent if sent["resourceType"] == "QuestionnaireResponse" else _parameter(sent)
    if response["status"] != IN_PROGRESS:
        raise FhirError(
            "business-rule", "Esta entrevista ya terminó.", expression="QuestionnaireResponse.status"
        )
    _check_form(response)
    return response


def _parameter(sent: Resource) -> Resource:
    given = [each for each in sent.get("parameter", ()) if each["name"] == PARAMETER]
    resources = [each.get("resource", {}) for each in given]
    if len(resources) != 1 or resources[0].get("resourceType") != "QuestionnaireResponse":
        raise FhirError(
            "required", "Se esperaba un QuestionnaireResponse.", expression=str(sent["resourceType"])
        )
    response: Resource = resources[0]
    return response


def form_in(response: Resource) -> Resource:
    """The contained Questionnaire that the response is of. Raises FhirError when there is none."""
    local = str(response.get("questionnaire", ""))
    for each in response.get("contained", ()):
        if each["resourceType"] == "Questionnaire" and local == f"#{each.get('id')}":
            form: Resource = each
            return form
    raise FhirError(
        "required", "Falta el Questionnaire contenido.", expression="QuestionnaireResponse.questionnaire"
    )


def _check_form(response: Resource) -> None:
    form = form_in(response)
    place = response["contained"].index(form)
    sources = [str(each).partition("|")[0] for each in form.get("derivedFrom", ())]
    if CANONICAL not in sources:
        raise FhirError(
            "not-supported",
            "No conozco ese cuestionario.",
            expression=f"QuestionnaireResponse.contained[{place}].derivedFrom",
        )
