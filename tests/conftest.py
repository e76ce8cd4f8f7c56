"""What all tests share; the fixtures are tesweb's own pytest plugin, `tesweb.testing`."""

from hypothesis import settings

# A slow machine is no wrong answer.
settings.register_profile("tesweb", deadline=None, print_blob=True)
settings.load_profile("tesweb")
