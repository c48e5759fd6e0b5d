"""On what kind of filesystem a path lies: one over the network does not keep what a database syncs to it."""

from pathlib import Path

MOUNTS = Path("/proc/mounts")
OVER_THE_NETWORK = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "fuse.sshfs", "afs", "9p"})
"""Locks and shared memory of a database file end at the machine; so does the meaning of a sync."""


def filesystem_of(path: Path, mounts: Path = MOUNTS) -> str:
    """Its type as the system calls it (`ext4`, `tmpfs`, `nfs4`), "not known" where there is no such list."""
    if not mounts.exists():
        return "not known"
    found = [line.split(" ")[1:3] for line in mounts.read_text("utf-8", "replace").splitlines()]
    holding = [
        (len(point), number, kind)
        for number, (point, kind) in enumerate(found)
        if path.is_relative_to(point.replace("\\040", " "))
    ]
    return max(holding)[2] if holding else "not known"
