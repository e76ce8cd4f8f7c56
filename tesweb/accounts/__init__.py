"""Accounts (лицевые счета) and who may see and act on them."""
