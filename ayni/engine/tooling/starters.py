"""The beginnings of new channels: for each kind of source and destination a few lines that work.

NAME, PARTNER and PORT are filled in when a channel is made.
"""

from dataclasses import dataclass
from typing import Literal

Family = Literal["hl7", "fhir", "json", "tick"]
"""What a source's document is to a transform."""
Payload = Literal["hl7", "fhir", "json", "row", "text"]
"""What a destination is sent."""

TOKEN = "${AYNI_VAR}/tokens/NAME"  # noqa: S105 - where a token is, not a token


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceStarter:
    """How a source of one kind is declared, and what comes from it."""

    connector: tuple[str, str]
    declared: str
    family: Family
    told: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DestinationStarter:
    """How a destination of one kind is declared, and what it takes."""

    connector: tuple[str, str]
    declared: str
    payload: Payload
    told: str


SOURCES: dict[str, SourceStarter] = {
    "mllp": SourceStarter(
        connector=("mllp", "MllpListener"),
        declared='MllpListener(port="PORT")',
        family="hl7",
        told="MLLP, port PORT: HL7 v2, answered `AA` once it is stored",
    ),
    "fhir": SourceStarter(
        connector=("fhir", "FhirListener"),
        declared=f'FhirListener(port="PORT", token_file="{TOKEN}")',
        family="fhir",
        told="`POST /channels/NAME/fhir/$process-message`, port PORT: FHIR R4 `message` Bundle",
    ),
    "http": SourceStarter(
        connector=("http", "HttpListener"),
        declared=f"""HttpListener(
        path="/NAME",
        port="PORT",
        token_file="{TOKEN}",
    )""",
        family="json",
        told="`POST /NAME`, port PORT: JSON",
    ),
    "file": SourceStarter(
        connector=("folder", "FolderReader"),
        declared='FolderReader(path="${AYNI_VAR}/NAME/in", pattern="*.json")',
        family="json",
        told="the folder `${AYNI_VAR}/NAME/in`, which must be there: JSON files",
    ),
    "sql": SourceStarter(
        connector=("sql", "SqlReader"),
        declared="""SqlReader(
        url="sqlite:${AYNI_VAR}/NAME/orders.sqlite",
        query="select id, at, patient from orders where taken is null order by id",
        key="id",
        mark_taken="update orders set taken = 'yes' where id = :id",
        mark_refused="update orders set taken = :error where id = :id",
    )""",
        family="json",
        told="the rows of a query, each as a JSON object",
    ),
    "channel": SourceStarter(
        connector=("channel_link", "FromChannels"),
        declared="FromChannels()",
        family="json",
        told="other channels of this engine: JSON",
    ),
    "timer": SourceStarter(
        connector=("timer", "Timer"),
        declared="Timer(daily_at=time(7, 0))",
        family="tick",
        told='every day at 07:00: `{"tick": "<time>"}`',
    ),
}

DESTINATIONS: dict[str, DestinationStarter] = {
    "mllp": DestinationStarter(
        connector=("mllp", "MllpSender"),
        declared='MllpSender(address="127.0.0.1:2700")',
        payload="hl7",
        told="MLLP at 127.0.0.1:2700: HL7 v2",
    ),
    "fhir": DestinationStarter(
        connector=("fhir", "FhirSender"),
        declared="""FhirSender(
                url="http://127.0.0.1:2700",
                token_file="${AYNI_VAR}/tokens/PARTNER",
            )""",
        payload="fhir",
        told="`POST http://127.0.0.1:2700/fhir/$process-message`: FHIR R4 `message` Bundle",
    ),
    "http": DestinationStarter(
        connector=("http", "HttpSender"),
        declared='HttpSender(url="http://127.0.0.1:2700/")',
        payload="json",
        told="`POST http://127.0.0.1:2700/`: JSON",
    ),
    "file": DestinationStarter(
        connector=("folder", "FolderWriter"),
        declared="""FolderWriter(
                path="${AYNI_VAR}/NAME/out",
                name="{control_id}.json",
            )""",
        payload="json",
        told="the folder `${AYNI_VAR}/NAME/out`, which must be there: a JSON file for each message",
    ),
    "sql": DestinationStarter(
        connector=("sql", "SqlWriter"),
        declared="""SqlWriter(
                url="sqlite:${AYNI_VAR}/NAME/received.sqlite",
                statement="insert into received (id) values (:id)",
            )""",
        payload="row",
        told="a row of the table `received`",
    ),
    "mail": DestinationStarter(
        connector=("mail", "MailSender"),
        declared="""MailSender(
                address="127.0.0.1:2525",
                sender="engine@ayni.example",
                recipients=("somebody@ayni.example",),
                subject="NAME",
                security="none",
            )""",
        payload="text",
        told="an e-mail without patient data",
    ),
}
