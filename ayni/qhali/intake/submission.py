"""What a citizen confirmed, before it is FHIR."""

from dataclasses import dataclass
from datetime import datetime

from ayni.qhali.conversation import Conversation
from ayni.qhali.extraction import Fact, Status
from ayni.qhali.intake.citizen import Citizen
from ayni.qhali.intake.enterer import Enterer
from ayni.qhali.redflags import Orientation


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """Everything a citizen confirmed. `at` is the moment of confirming, aware; something is affirmed.

    `enterer` is who typed for the citizen, None when they did themselves.
    """

    request_id: str
    at: datetime
    consented_at: datetime
    citizen: Citizen
    conversation: Conversation
    orientation: Orientation
    is_test: bool = True
    enterer: Enterer | None = None

    @property
    def findings(self) -> tuple[Fact, ...]:
        """The facts that become Observations: what is present first, then what was denied."""
        facts = (fact for fact in self.conversation.facts if fact.is_recorded)
        denied = (fact for fact in facts if fact.status is Status.ABSENT)
        return (*self.conversation.affirmed, *denied)

    @property
    def complaint(self) -> Fact:
        """Why care is asked for: the first symptom that is present; without one, the first situation."""
        affirmed = self.conversation.affirmed
        return next((fact for fact in affirmed if fact.is_symptom), affirmed[0])
