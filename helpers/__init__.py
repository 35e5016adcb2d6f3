"""Helpers for the lessons, one module per idea: ``from helpers.data import read_table``."""
