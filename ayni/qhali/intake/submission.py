"""What a citizen confirmed, before it is FHIR."""

from dataclasses import dataclass
from datetime import datetime

from ayni.qhali.conversation import Conversation
from ayni.qhali.extraction import Fact, Status, concept
from ayni.qhali.intake.citizen import Citizen
from ayni.qhali.redflags import Orientation


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """Everything a citizen confirmed. `at` is the moment of confirming, aware."""

    request_id: str
    at: datetime
    consented_at: datetime
    citizen: Citizen
    conversation: Conversation
    orientation: Orientation
    is_test: bool = True

    @property
    def symptoms(self) -> tuple[Fact, ...]:
        """The facts that become Observations: what is present first, then what was denied."""
        told = [fact for fact in self.conversation.facts if concept(fact.concept).is_symptom]
        present = [fact for fact in told if fact.status is Status.PRESENT]
        return (*present, *(fact for fact in told if fact.status is Status.ABSENT))
