"""tesweb: an energy supplier's customer account, extended by plugins."""

#: The version of the distribution and of the plugin interface; plugins depend on a range of it.
__version__ = "0.1.0"
