"""When a message is tried, and when it is given up."""

from datetime import timedelta

#: What a worker has claimed is left to it so long; the longest sending takes two minutes.
LEASE = timedelta(minutes=5)
#: After the first try, the second, …; whoever was tried so often and once more is given up.
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 360, 360, 720, 1440, 1440))
MOST_TRIES = len(PAUSES) + 1
#: A message that says no other time is of no use after it.
LONGEST_WAIT = timedelta(days=7)
#: How long the outbox keeps whom it has sent to.
KEPT = timedelta(days=30)


def pause_after(tries: int) -> timedelta | None:
    """How long to wait after so many tries; None where the message is given up."""
    return PAUSES[tries - 1] if tries < MOST_TRIES else None
