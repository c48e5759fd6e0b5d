"""A QuestionnaireResponse held against the Questionnaire it answers.

Source: FHIR R4, sections 6.3.6 (Questionnaire) and 6.4.6 (QuestionnaireResponse), and the extensions of both.
"""

from ayni.vocabulary.fhir.validation.questionnaires.response import response_findings

__all__ = ["response_findings"]
