"""QHALI's pages: Django served as WSGI inside the ASGI process, and the live stream beside it."""
