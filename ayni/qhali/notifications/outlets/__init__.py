"""The ways out: web push, e-mail, SMS, WhatsApp. Each hands one letter over or says why it could not."""

from ayni.qhali.notifications.outlets.contract import Gone, Letter, Outlet
from ayni.qhali.notifications.outlets.declared import Declared, Outlets, open_outlets, read_declared

__all__ = ["Declared", "Gone", "Letter", "Outlet", "Outlets", "open_outlets", "read_declared"]
