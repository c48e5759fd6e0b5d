"""The ways out: web push, e-mail, SMS, WhatsApp. Each hands one letter over or says why it could not."""

from ayni.qhali.notifications.outlets.contract import Letter, Outlet
from ayni.qhali.notifications.outlets.declared import Declared, Outlets, open_outlets, read_declared

__all__ = ["Declared", "Letter", "Outlet", "Outlets", "open_outlets", "read_declared"]
