"""How somebody becomes a user: registration, consents, and the way back in."""
