"""What all tests share; the fixtures are tesweb's own pytest plugin, `tesweb.testing`."""

import gc

from hypothesis import settings

# A slow machine is no wrong answer.
settings.register_profile("tesweb", deadline=None, print_blob=True)
settings.load_profile("tesweb")

# Each test leaves an application behind. What is imported once is not looked through again for it.
gc.set_threshold(50_000, 10, 10)


def pytest_collection_finish() -> None:
    """Called when every module of the tests is there."""
    gc.collect()
    gc.freeze()
