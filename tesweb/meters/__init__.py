"""Meters, their registers, readings, and what was consumed between two readings."""
