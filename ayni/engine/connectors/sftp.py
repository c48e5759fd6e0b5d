"""Files on a partner's SFTP server, taken and left as in a folder of this machine (see `files`)."""

import contextlib
import os
import posixpath
import secrets
import stat
from dataclasses import dataclass

from ayni.engine.connectors.contract import Parcel, Sender, Source, World
from ayni.engine.connectors.file_name import checked_template, name_for
from ayni.engine.connectors.files import FILE_BYTES_MAX, NOTE, Entry, FilePlace, Order, Room
from ayni.engine.connectors.polling import PollingSource
from ayni.engine.connectors.sends import Sends
from ayni.engine.connectors.sftp_line import LOST, SftpLine, asyncssh, open_access
from ayni.wire.failure import LinkError, NotConnected, NotTaken, OutcomeUnknown, Refused

LOOK_SECONDS = 30.0
"""Each look asks another machine."""
OUT_OF_REACH = (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath, asyncssh.SFTPPermissionDenied)


@dataclass(frozen=True, slots=True, kw_only=True)
class SftpReader:
    """Takes files as FolderReader does; `key_file` is our private key, `known_hosts` has the server's."""

    address: str
    user: str
    key_file: str
    known_hosts: str
    path: str
    pattern: str = "*"
    format: str = "json"
    order: Order = "name"
    every_seconds: float = LOOK_SECONDS
    bytes_max: int = FILE_BYTES_MAX

    def open(self, world: World, channel: str) -> Source:
        """See SourceDeclaration."""
        shelf = _SftpShelf(_line(self, world), world.text(self.path))
        place = FilePlace(shelf, pattern=self.pattern, order=self.order, bytes_max=self.bytes_max)
        return PollingSource(place, every_seconds=self.every_seconds, channel=channel)


@dataclass(frozen=True, slots=True, kw_only=True)
class SftpWriter:
    """Leaves files as FolderWriter does: whole or not at all, and never over another."""

    address: str
    user: str
    key_file: str
    known_hosts: str
    path: str
    name: str = "{control_id}"

    def open(self, world: World, partner: str) -> Sender:
        """See DestinationDeclaration."""
        return _SftpSending(_line(self, world), world.text(self.path), checked_template(self.name))


def _line(declared: SftpReader | SftpWriter, world: World) -> SftpLine:
    access = open_access(
        world,
        address=declared.address,
        user=declared.user,
        key_file=declared.key_file,
        known_hosts=declared.known_hosts,
    )
    return SftpLine(access)


class _SftpShelf:
    """A folder of the server. Its paths are bytes, as SFTP has them."""

    def __init__(self, line: SftpLine, path: str) -> None:
        self._line, self._path = line, os.fsencode(path)

    async def entries(self) -> list[Entry]:
        async with self._line.client() as sftp:
            named = [(each.filename, each.attrs) async for each in sftp.scandir(self._path)]
        found = [_entry_of(os.fsencode(name), attributes) for name, attributes in named if _is_name(name)]
        return [entry for entry in found if entry is not None]

    async def entry(self, name: str) -> Entry | None:
        async with self._line.client() as sftp:
            attributes = await _attributes(sftp, self._within(name))
        return _entry_of(os.fsencode(name), attributes) if attributes else None

    async def read(self, entry: Entry) -> bytes:
        async with self._line.client() as sftp:
            return await _read(sftp, self._within(entry.name), entry.size)

    async def move(self, name: str, room: Room, *, note: bytes = b"") -> None:
        async with self._line.client() as sftp:
            there = await _room(sftp, self._within(room))
            free = await _free_name(sftp, there, name)
            if note:
                await _write(sftp, posixpath.join(there, os.fsencode(free + NOTE)), note)
            await sftp.rename(self._within(name), posixpath.join(there, os.fsencode(free)))

    async def close(self) -> None:
        await self._line.close()

    def _within(self, name: str) -> bytes:
        return posixpath.join(self._path, os.fsencode(name))


class _SftpSending:
    def __init__(self, line: SftpLine, path: str, template: str) -> None:
        self._line, self._path, self._template = line, path, template
        self._sends = Sends()

    async def send(self, parcel: Parcel) -> bytes:
        return await self._sends.run(self._send(parcel))

    async def close(self) -> None:
        await self._sends.close()
        await self._line.close()

    async def _send(self, parcel: Parcel) -> bytes:
        name = os.fsencode(posixpath.join(self._path, name_for(self._template, parcel)))
        silence: type[LinkError] = NotTaken
        try:
            async with self._line.client() as sftp:
                if await _holds(sftp, name, parcel.content):
                    return b""
                draft = await _draft(sftp, posixpath.dirname(name), parcel.content)
                silence = OutcomeUnknown  # from here on they may have it
                await _named(sftp, draft, name, parcel.content)
        except LOST as error:
            raise silence(f"sftp: {type(error).__name__}") from None
        except OUT_OF_REACH as error:
            raise NotConnected(f"sftp folder out of reach: {type(error).__name__}") from None
        except asyncssh.SFTPError as error:
            raise NotTaken(f"sftp: {type(error).__name__}") from None
        return b""


async def _draft(sftp: asyncssh.SFTPClient, folder: bytes, content: bytes) -> bytes:
    """The path of a hidden file with the content."""
    draft = posixpath.join(folder, f".{secrets.token_hex(8)}.tmp".encode())
    try:
        await _write(sftp, draft, content)
    except asyncssh.SFTPError:
        with contextlib.suppress(asyncssh.SFTPError):
            await sftp.remove(draft)
        raise
    return draft


async def _named(sftp: asyncssh.SFTPClient, draft: bytes, name: bytes, content: bytes) -> None:
    """Gives the draft its name. Servers refuse that without a reason when the name is taken."""
    try:
        await sftp.rename(draft, name)
    except LOST:
        raise
    except asyncssh.SFTPError:
        with contextlib.suppress(asyncssh.SFTPError):
            await sftp.remove(draft)
        if not await _holds(sftp, name, content):
            raise


async def _holds(sftp: asyncssh.SFTPClient, name: bytes, content: bytes) -> bool:
    """Whether the file is there with this content; raises Refused when it is another."""
    attributes = await _attributes(sftp, name)
    if attributes is None:
        return False
    entry = _entry_of(name, attributes)
    if entry is None or entry.size != len(content) or await _read(sftp, name, entry.size) != content:
        raise Refused("a file of this name has other content")
    return True


async def _read(sftp: asyncssh.SFTPClient, path: bytes, size: int) -> bytes:
    async with sftp.open(path, "rb") as file:
        content = await file.read(size)
    assert isinstance(content, bytes), "a file opened in binary mode"
    return content


async def _write(sftp: asyncssh.SFTPClient, path: bytes, content: bytes) -> None:
    async with sftp.open(path, "xb") as file:
        await file.write(content)
        with contextlib.suppress(asyncssh.SFTPOpUnsupported):  # an extension of OpenSSH
            await file.fsync()


async def _room(sftp: asyncssh.SFTPClient, path: bytes) -> bytes:
    """The path of a folder that is made where it is missing, and is no link elsewhere."""
    attributes = await _attributes(sftp, path)
    if attributes is None:
        await sftp.mkdir(path)
    elif not stat.S_ISDIR(attributes.permissions or 0):
        raise NotADirectoryError
    return path


async def _free_name(sftp: asyncssh.SFTPClient, folder: bytes, name: str) -> str:
    """The name, or with a number where an earlier file has it; only we put files there."""
    free, number = name, 1
    while await _is_taken(sftp, folder, free) or await _is_taken(sftp, folder, free + NOTE):
        number += 1
        free = f"{name}.{number}"
    return free


async def _is_taken(sftp: asyncssh.SFTPClient, folder: bytes, name: str) -> bool:
    return await _attributes(sftp, posixpath.join(folder, os.fsencode(name))) is not None


async def _attributes(sftp: asyncssh.SFTPClient, path: bytes) -> asyncssh.SFTPAttrs | None:
    try:
        return await sftp.lstat(path)
    except (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath):
        return None


def _entry_of(name: bytes, attributes: asyncssh.SFTPAttrs) -> Entry | None:
    if not stat.S_ISREG(attributes.permissions or 0):
        return None
    return Entry(os.fsdecode(posixpath.basename(name)), attributes.mtime or 0, attributes.size or 0)


def _is_name(name: str | bytes) -> bool:
    """Whether the server lists what a folder can hold: a path in its place would lead elsewhere."""
    return b"/" not in os.fsencode(name)
