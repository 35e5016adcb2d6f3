"""A reader's own file, turned into a table: nothing guessed, nothing dropped."""
