"""Regions: what a supplier's branch decides, and which region an account belongs to."""
