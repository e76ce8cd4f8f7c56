"""A made-up supplier: written as billing's files and taken in by the same import as real ones."""
