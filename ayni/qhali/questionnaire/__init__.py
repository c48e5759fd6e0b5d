"""The interview as an adaptive questionnaire (HL7 Structured Data Capture), for any FHIR client."""

from ayni.qhali.questionnaire.operation import next_question_route, with_next_question

__all__ = ["next_question_route", "with_next_question"]
