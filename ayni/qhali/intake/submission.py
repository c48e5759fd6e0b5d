"""What a citizen confirmed, before it is FHIR."""

from dataclasses import dataclass
from datetime import datetime

from ayni.qhali.extraction import Fact, Status
from ayni.qhali.intake.citizen import Citizen
from ayni.qhali.intake.enterer import Enterer
from ayni.qhali.models import AssistedConversation, ModelPermission
from ayni.qhali.redflags import Orientation


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """Everything a citizen confirmed. `at` is the moment of confirming, aware; there is a level.

    `began_at` and `consented_at` are when they agreed to talk and to send; `permission` is their yes to a
    language model, None when they gave none. `enterer` is who typed for them, None when they did themselves.
    """

    request_id: str
    at: datetime
    began_at: datetime
    consented_at: datetime
    citizen: Citizen
    conversation: AssistedConversation
    orientation: Orientation
    is_test: bool = True
    enterer: Enterer | None = None
    permission: ModelPermission | None = None

    @property
    def findings(self) -> tuple[Fact, ...]:
        """The facts that become Observations: what is present first, then what was denied."""
        facts = (fact for fact in self.conversation.facts if fact.is_recorded)
        denied = (fact for fact in facts if fact.status is Status.ABSENT)
        return (*self.conversation.affirmed, *denied)

    @property
    def complaint(self) -> Fact | None:
        """Why care is asked for: the first symptom that is present; without one, the first situation.

        None for who is unwell and has no symptom with a name, or does not know whether they have one.
        """
        affirmed = self.conversation.affirmed
        return next((fact for fact in affirmed if fact.is_symptom), next(iter(affirmed), None))

    @property
    def model(self) -> str | None:
        """The name of the language model that has a part in what is sent, None when none has."""
        has_part = self.orientation.from_model or any(map(self.is_by_model, self.findings))
        return self.conversation.beside[0].source if has_part else None

    def is_by_model(self, fact: Fact) -> bool:
        """Whether only a language model heard this fact."""
        return fact in self.conversation.added
