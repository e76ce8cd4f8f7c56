"""The cabinet locked by its owner, what was sent from it since, and the way to unlock it."""
