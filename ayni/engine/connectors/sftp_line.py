"""A connection to a partner's SFTP server: a key of ours, a host key we know beforehand, and nothing else."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from ayni.engine.connectors.contract import World
from ayni.wire.failure import CONNECT_SECONDS, CannotStart, NotConnected
from ayni.wire.settings import tcp_address

try:
    import asyncssh
except ImportError as error:
    raise CannotStart("SFTP needs asyncssh: install ayni[engine]") from error

__all__ = ["LOST", "Access", "SftpLine", "asyncssh", "open_access"]

KEEP_ALIVE_SECONDS = 30

LOST = (
    asyncssh.SFTPConnectionLost,
    asyncssh.SFTPNoConnection,
    asyncssh.DisconnectError,
    asyncssh.ChannelOpenError,
    OSError,
    TimeoutError,
)
"""The line broke or fell silent, and nobody said what became of the last request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Where the server is, who we are there, and by which keys both know each other."""

    host: str
    port: int
    user: str
    key_file: Path
    known_hosts: Path
    answer_seconds: float


def open_access(world: World, *, address: str, user: str, key_file: str, known_hosts: str) -> Access:
    """The access as declared; raises CannotStart without keys: no host key is ever taken on trust."""
    host, port = tcp_address(world.text(address), address)
    access = Access(
        host=host,
        port=port,
        user=world.text(user),
        key_file=world.path(key_file),
        known_hosts=world.path(known_hosts),
        answer_seconds=world.environment.seconds("AYNI_ANSWER_SECONDS"),
    )
    try:
        asyncssh.read_private_key(access.key_file)
    except (OSError, asyncssh.KeyImportError) as error:
        raise CannotStart(f"{key_file}: write our private key into {access.key_file}") from error
    try:
        asyncssh.read_known_hosts(str(access.known_hosts))
    except (OSError, ValueError) as error:
        raise CannotStart(f"{known_hosts}: write the server's host key into {access.known_hosts}") from error
    return access


class SftpLine:
    """One connection, made when needed and anew after any doubt."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._turn = asyncio.Lock()
        self._connection: asyncssh.SSHClientConnection | None = None
        self._client: asyncssh.SFTPClient | None = None

    @contextlib.asynccontextmanager
    async def client(self) -> AsyncIterator[asyncssh.SFTPClient]:
        """The client for one task, within the time for an answer; raises NotConnected.

        Whatever `LOST` says is raised on to the caller, and the next task has a new connection.
        """
        client = await self._connected()
        try:
            async with asyncio.timeout(self._access.answer_seconds):
                yield client
        except LOST:
            await self.close()
            raise

    async def close(self) -> None:
        """Hangs up; it may be used again."""
        connection, self._connection, self._client = self._connection, None, None
        if connection is not None:
            connection.abort()
            await connection.wait_closed()

    async def _connected(self) -> asyncssh.SFTPClient:
        async with self._turn:
            if self._client is None:
                try:
                    async with asyncio.timeout(CONNECT_SECONDS):
                        self._client = await self._dial()
                except (OSError, asyncssh.Error, TimeoutError) as error:
                    await self.close()
                    raise NotConnected(f"sftp: {type(error).__name__}") from None
            return self._client

    async def _dial(self) -> asyncssh.SFTPClient:
        access = self._access
        self._connection = await asyncssh.connect(
            access.host,
            access.port,
            username=access.user,
            client_keys=[str(access.key_file)],
            known_hosts=str(access.known_hosts),
            preferred_auth="publickey",
            config=None,  # what stands in the operator's own ~/.ssh must not open or close a door
            agent_path=None,
            keepalive_interval=KEEP_ALIVE_SECONDS,
        )
        return await self._connection.start_sftp_client()
