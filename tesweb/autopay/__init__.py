"""Money that is taken for a bill by itself: what was allowed, each month of it, its end."""
