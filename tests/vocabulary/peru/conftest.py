from hypothesis import settings

settings.register_profile("unhurried", deadline=None)  # a deadline would measure the neighbours of a core
settings.load_profile("unhurried")
