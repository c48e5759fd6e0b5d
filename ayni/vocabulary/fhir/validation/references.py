"""Finding the resource that a reference leads to, inside what is validated.

Source: FHIR R4, sections 2.3.0 (references) and 3.1.1.4.2 (resolving references in Bundles).
"""

import re
from typing import Any, Final

from ayni.vocabulary.fhir.listed import by_id, objects

Json = dict[str, Any]

_RESTFUL: Final = re.compile(
    r"(?P<base>https?://.+/)(?P<type>[A-Za-z]+)/(?P<id>[A-Za-z0-9\-.]{1,64})(?:/_history/.+)?"
)
_RELATIVE: Final = re.compile(
    r"[A-Za-z]+/[A-Za-z0-9\-.]{1,64}(?:/_history/(?P<version>[A-Za-z0-9\-.]{1,64}))?"
)


def is_relative(reference: str) -> bool:
    """`Patient/1`, with or without a version."""
    return _RELATIVE.fullmatch(reference) is not None


def base_of(full_url: str) -> str | None:
    """The base of a RESTful URL: `http://a.pe/fhir/` of `http://a.pe/fhir/Patient/1`; None for another."""
    match = _RESTFUL.fullmatch(full_url)
    return match["base"] if match else None


class Entries:
    """The entries of a Bundle by what references call them."""

    def __init__(self, bundle: Json) -> None:
        self._by_url: dict[str, list[Json]] = {}
        self._by_name: dict[str, list[Json]] = {}
        self._urls: dict[int, str] = {}
        for entry in objects(bundle, "entry"):
            resource = entry.get("resource")
            if isinstance(resource, dict):
                url = str(entry.get("fullUrl", ""))
                self._urls[id(resource)] = url
                self._by_url.setdefault(url, []).append(resource)
                name = f"{resource.get('resourceType')}/{resource.get('id')}"
                self._by_name.setdefault(name, []).append(resource)

    def find(self, reference: str, full_url: str) -> list[Json]:
        """The resources a reference of the entry at `full_url` leads to: one, none, or wrongly several."""
        plain, _, version = reference.partition("/_history/")
        wanted = plain
        if is_relative(plain):
            base = base_of(full_url)
            if base is None:
                return self._of_version(self._named(plain, full_url), version)
            wanted = base + plain
        return self._of_version(self._by_url.get(wanted, []), version)

    def _named(self, name: str, full_url: str) -> list[Json]:
        """The resources of this type and id. Between URNs a relative reference leads nowhere."""
        found = self._by_name.get(name, [])
        if not full_url.startswith("urn:"):
            return found
        return [each for each in found if not self._urls[id(each)].startswith("urn:")]

    def url_of(self, resource: Json) -> str:
        """The fullUrl of the entry that holds this very resource, "" for none."""
        return self._urls.get(id(resource), "")

    def has_name(self, reference: str) -> bool:
        """Whether any resource has this type and id, whatever its URL."""
        return "/".join(reference.split("/_history/")[0].split("/")[-2:]) in self._by_name

    def _of_version(self, found: list[Json], version: str) -> list[Json]:
        if not version:
            return found
        return [each for each in found if _version(each) == version]


def _version(resource: Json) -> Any:
    meta = resource.get("meta")
    return meta.get("versionId") if isinstance(meta, dict) else None


class Surroundings:
    """What a resource may refer to: what it contains, and the entries of the Bundle it stands in."""

    def __init__(self, resource: Json, entries: Entries | None = None) -> None:
        self._resource = resource
        self._contained = by_id(resource, "contained")
        self._entries = entries
        self._full_url = entries.url_of(resource) if entries else ""

    def resolve(self, reference: str) -> Json | None:
        """The resource, None when it is not here or not the only one."""
        if reference == "#":
            return self._resource
        if reference.startswith("#"):
            return self._contained.get(reference[1:])
        found = self._entries.find(reference, self._full_url) if self._entries else []
        return found[0] if len(found) == 1 else None
