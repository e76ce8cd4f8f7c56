"""What an account owes and what was paid."""
