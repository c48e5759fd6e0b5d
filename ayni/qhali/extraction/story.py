"""What a message goes on from."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Story:
    """`messages`: those before this one, in the citizen's own words; `told`: the concepts affirmed in them,
    in their order, to which "sangre no" or "duele bastante" point back."""

    messages: tuple[str, ...] = ()
    told: tuple[str, ...] = ()


BEGINS = Story()
