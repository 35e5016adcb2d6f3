"""Errors that more than one module raises, kept apart from what is slow to import."""


class MissingColumnError(KeyError):
    """A column that a table does not have."""

    def __str__(self):
        """Return the sentence as it is; a plain KeyError would put it in quotation marks."""
        return str(self.args[0])
