"""The pages: Django's configuration, addresses, templates and style."""
