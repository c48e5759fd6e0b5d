"""The three roles of the console; each may do what the one before it may."""

from enum import StrEnum


class Role(StrEnum):
    """What a person may do in the console."""

    VIEWER = "viewer"  # looks; every look at content is written down
    OPERATOR = "operator"  # decides about deliveries, sends again, stops and starts
    ADMINISTRATOR = "administrator"  # deploys channels, keeps the accounts, reads the audit

    def includes(self, needed: "Role") -> bool:
        """Whether who has this role may do what the needed one may."""
        return _ORDER[self] >= _ORDER[needed]


_ORDER = {role: place for place, role in enumerate(Role)}
