"""What the pages need beyond the theme: every table and figure reachable by keyboard, words for every figure."""


def setup(app):
    """Sphinx calls this."""
    return {"parallel_read_safe": True, "parallel_write_safe": True}
