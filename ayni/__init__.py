"""Ayni: open interoperability for Peru's integrated health networks."""
