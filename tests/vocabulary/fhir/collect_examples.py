"""Writes `r4_examples.tar.xz`: the official examples of FHIR R4 4.0.1 (CC0), as published. For maintainers.

Run by `make definitions`; the argument is the packed npm package `hl7.fhir.r4.examples`. Left out are the
files larger than a resource may be here: mostly Bundles that repeat the other files.
"""

import io
import sys
import tarfile
from pathlib import Path

from ayni.vocabulary.fhir import RESOURCE_BYTES_MAX

TARGET = Path(__file__).with_name("r4_examples.tar.xz")


def main(package: Path) -> None:
    with tarfile.open(package) as published, tarfile.open(TARGET, "w:xz") as kept:
        for member in sorted(published.getmembers(), key=lambda each: each.name):
            name = Path(member.name).name
            if not name.endswith(".json") or name == "package.json" or member.size > RESOURCE_BYTES_MAX:
                continue
            file = published.extractfile(member)
            if file is not None:
                raw, entry = file.read(), tarfile.TarInfo(name)
                entry.size = len(raw)
                kept.addfile(entry, io.BytesIO(raw))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
