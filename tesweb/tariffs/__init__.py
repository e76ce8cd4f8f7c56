"""Tariffs: the price of consumption by zone, consumption band and date; pure functions."""
