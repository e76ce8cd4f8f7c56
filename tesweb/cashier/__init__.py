"""The cashier: money at the bank beside our books, alarms, suspense, refunds; for the supplier's people."""
