"""Sentences of a lesson that its data must bear out."""


def claim(holds: object, sentence: str) -> None:
    """Hold a sentence of the lesson against the data: silent while it is true, and said when it no longer is.

    A reader who changes a number is told which sentences changed with it, and the lesson goes on. The stored outputs
    hold no such line, so a sentence that is false of the lesson's own data fails the comparison of outputs.

    Parameters
    ----------
    holds : bool
        Whether the sentence is true of the data as they are now.
    sentence : str
        The sentence, as the lesson says it.
    """
    if not holds:
        print(f"No longer so: {sentence}")
