"""What the checker found."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One breach of one property."""

    broken: str
    text: str

    def __str__(self) -> str:
        return f"{self.broken}: {self.text}"
