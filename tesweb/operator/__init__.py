"""The back office: what the supplier's own people see."""
