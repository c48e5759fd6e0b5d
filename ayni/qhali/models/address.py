"""Where a language model is and which protocol it speaks, in one address.

`http://127.0.0.1:11434/v1#qwen3`               OpenAI's protocol: Ollama, vLLM, llama.cpp, OpenAI itself
`anthropic+https://api.anthropic.com#claude-…`  Anthropic's protocol
"""

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from ayni.wire.settings import SettingError

OPENAI, ANTHROPIC = "openai", "anthropic"
UNNAMED = "default"
"""Servers that hold one model answer to any name."""

_TAILS = {OPENAI: "/chat/completions", ANTHROPIC: "/v1/messages"}


@dataclass(frozen=True, slots=True)
class ModelAddress:
    """`protocol` is `openai` or `anthropic`; `url` is the base that the protocol's paths are added to."""

    protocol: str
    url: str
    model: str

    @property
    def host(self) -> str:
        """The machine where the words would go."""
        return urlsplit(self.url).hostname or ""

    @property
    def is_here(self) -> bool:
        """Whether that is this machine."""
        return _is_this_machine(self.host)


def read_address(text: str, name: str) -> ModelAddress:
    """The parts of an address. SettingError, which names what to mend, for one that cannot be used.

    A server on another machine needs https: what citizens say is not sent in the clear.
    """
    head, plus, rest = text.partition("+")
    protocol = head if plus and head in _TAILS else OPENAI
    parts = urlsplit(rest if plus and head in _TAILS else text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.query:
        raise SettingError(f"{name}: write an address such as http://127.0.0.1:11434/v1#model")
    if parts.scheme == "http" and not _is_this_machine(parts.hostname):
        raise SettingError(f"{name}: a model on another machine needs https://")
    path = parts.path.rstrip("/").removesuffix(_TAILS[protocol]).rstrip("/")
    if protocol == OPENAI and not path:
        path = "/v1"
    url = urlunsplit((parts.scheme, parts.netloc, path, "", ""))
    return ModelAddress(protocol, url, parts.fragment or UNNAMED)


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
