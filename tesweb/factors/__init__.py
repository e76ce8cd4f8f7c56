"""Further proofs of who someone is: passkeys, one-time codes of an app, recovery codes."""
