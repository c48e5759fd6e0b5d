"""What the segments of one group share: the resources they make and each other."""

from ayni.vocabulary.hl7 import Segment


class Scope:
    """An occurrence of a group that repeats, or the message; it sees what is in the groups around it."""

    def __init__(self, around: "Scope | None" = None) -> None:
        self.around = around
        self.filled: set[int] = set()  # the places in it that do not repeat and have had their segment
        self.resources: dict[str, int] = {}  # by name: the number of the resource in its message
        self.segments: dict[str, Segment] = {}  # by name: the last one

    def resource(self, name: str) -> int | None:
        scope: Scope | None = self
        while scope is not None:
            if name in scope.resources:
                return scope.resources[name]
            scope = scope.around
        return None

    def segment(self, name: str) -> Segment | None:
        scope: Scope | None = self
        while scope is not None:
            if name in scope.segments:
                return scope.segments[name]
            scope = scope.around
        return None
