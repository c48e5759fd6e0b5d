"""The end of a message: once each of its deliveries was taken or set aside, its sender may want to hear so.

What it hears is one more delivery of the same message, written in the transaction that settled the last one:
either both are there or none.
"""

from ayni.engine.store.contract import Acknowledgements
from ayni.engine.store.messages import add_delivery
from ayni.engine.store.transaction import Transaction
from ayni.vocabulary.hl7 import Hl7Error

NOT_DELIVERED = Hl7Error("not delivered", code=207, text="No se entregó: una persona lo apartó.")


def finish(
    tx: Transaction, asked: Acknowledgements, channel: str, destination: str, message_id: int, *, at: int
) -> None:
    """Called when a delivery to `destination` is over for good; writes the answer if it was the last one."""
    if not asked.wanted(channel, destination):
        return
    tx.run("lock_message", message_id)  # two engines may settle the last two deliveries at once
    found = tx.one("finished", message_id)
    if found is None:
        return
    raw, correlation_id, set_aside_count = found
    answer = asked.made(channel, bytes(raw), NOT_DELIVERED if set_aside_count else None)
    if answer is not None:
        add_delivery(tx, message_id, channel, correlation_id, answer, at)
