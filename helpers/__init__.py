"""Helpers for the lessons: one module per idea, imported by name (``from helpers.data import read_table``)."""
