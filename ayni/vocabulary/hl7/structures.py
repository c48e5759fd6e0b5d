"""Which message structure an event uses (MSH-9.3).

Source: HL7 v2.5.1, table 0354; events that only later or earlier versions have are among them.
"""

from typing import Final

_EVENTS: Final = {
    "ACK": "ACK",
    "ADR_A19": "A19",
    "ADT_A01": "A01 A04 A08 A13",
    "ADT_A02": "A02",
    "ADT_A03": "A03",
    "ADT_A05": "A05 A14 A28 A31",
    "ADT_A06": "A06 A07",
    "ADT_A09": "A09 A10 A11",
    "ADT_A12": "A12",
    "ADT_A15": "A15",
    "ADT_A16": "A16",
    "ADT_A17": "A17",
    "ADT_A18": "A18",
    "ADT_A20": "A20",
    "ADT_A21": "A21 A22 A23 A25 A26 A27 A29 A32 A33",
    "ADT_A24": "A24",
    "ADT_A30": "A30 A34 A35 A36 A46 A47 A48 A49",
    "ADT_A37": "A37",
    "ADT_A38": "A38",
    "ADT_A39": "A39 A40 A41 A42",
    "ADT_A43": "A43 A44",
    "ADT_A45": "A45",
    "ADT_A50": "A50 A51",
    "ADT_A52": "A52 A53",
    "ADT_A54": "A54 A55",
    "ADT_A60": "A60",
    "ADT_A61": "A61 A62",
    "BAR_P01": "P01",
    "BAR_P02": "P02",
    "BAR_P05": "P05",
    "BAR_P06": "P06",
    "BAR_P10": "P10",
    "BAR_P12": "P12",
    "DFT_P03": "P03",
    "DFT_P11": "P11",
    "MDM_T01": "T01 T03 T05 T07 T09 T11",
    "MDM_T02": "T02 T04 T06 T08 T10",
    "OMG_O19": "O19",
    "OML_O21": "O21",
    "OML_O33": "O33",
    "OML_O35": "O35",
    "ORM_O01": "O01",
    "ORR_O02": "O02",
    "ORU_R01": "R01",
    "ORU_R30": "R30 R31 R32",
    "OUL_R21": "R21",
    "OUL_R22": "R22",
    "OUL_R23": "R23",
    "OUL_R24": "R24",
    "PGL_PC6": "PC6 PC7 PC8",
    "PPR_PC1": "PC1 PC2 PC3",
    "RDE_O11": "O11 O25",
    "RDS_O13": "O13",
    "REF_I12": "I12 I13 I14 I15",
    "RRI_I12": "I12 I13 I14 I15",
    "SIU_S12": "S12 S13 S14 S15 S16 S17 S18 S19 S20 S21 S22 S23 S24 S26",
    "SRM_S01": "S01 S02 S03 S04 S05 S06 S07 S08 S09 S10 S11",
    "SRR_S01": "S01 S02 S03 S04 S05 S06 S07 S08 S09 S10 S11",
    "VXU_V04": "V04",
}

STRUCTURES: Final = {
    **{f"{name[:3]}^{event}": name for name, events in _EVENTS.items() for event in events.split()},
    "ACK": "ACK",
}


def structure_of(message_type: str) -> str:
    """`SIU^S15` uses `SIU_S12`; any `ACK^…` an `ACK`. Raises ValueError for a type not listed here."""
    code, _, _ = message_type.partition("^")
    structure = STRUCTURES.get("ACK" if code == "ACK" else message_type)
    if structure is None:
        raise ValueError(f"no message structure is known for {message_type}")
    return structure
