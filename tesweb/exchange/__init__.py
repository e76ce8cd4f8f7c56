"""What billing sends in: files of accounts, meters, readings, charges and payments."""
