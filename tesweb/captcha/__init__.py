"""Keeping programs out of forms that strangers may send."""
