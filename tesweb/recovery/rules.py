"""How long the ways back in are open, and how often they may be tried."""

from datetime import timedelta

#: How long the link in the letter works.
LINK_LIVES = timedelta(hours=1)
#: What one network may ask for within an hour; neighbours share one.
MOST_OF_NETWORK = 30
#: What may be asked for one name within an hour, whether anybody has it or not.
MOST_OF_NAME = 5
WITHIN = timedelta(hours=1)
#: How long a new contact waits, so that the owner hears of it on every old one and can stop it.
ACCESS_WAITS = timedelta(hours=72)
#: How long its link works after that.
ACCESS_LIVES = timedelta(days=7)
