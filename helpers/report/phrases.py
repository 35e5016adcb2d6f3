"""Numbers and lists in words, and words as a notebook shows them: never as markup."""

import html

import numpy as np


class Words:
    """Paragraphs; what comes from a table is shown as it is written there, whatever it looks like."""

    def __init__(self, *paragraphs):
        self.paragraphs = [paragraph for paragraph in paragraphs if paragraph]

    def _repr_html_(self):
        return "".join(f"<p>{escaped(paragraph)}</p>" for paragraph in self.paragraphs)

    def __repr__(self):
        """Return the paragraphs as one text."""
        return "\n\n".join(self.paragraphs)


def escaped(text):
    """Text as HTML that shows the very same characters; nor is anything between dollars taken for mathematics."""
    return html.escape(str(text)).replace("$", "<span>$</span>")


def joined(items, word="and"):
    """A list in words: a, b and c."""
    items = list(map(str, items))
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} {word} {items[-1]}" if items else "nothing"


def number(value):
    """A number with four significant digits, thousands grouped, a real minus."""
    if value is None or np.isnan(value):
        return "not available"
    if np.isinf(value):
        return "infinity" if value > 0 else "−infinity"
    size = abs(value)
    if size >= 1e9 or 0 < size < 1e-4:
        text = f"{value:.3e}"
    elif size >= 1000:
        text = f"{value:,.0f}"
    else:
        text = f"{value:.4g}"
    return text.replace("-", "−", 1) if text.startswith("-") else text


def p_value(p, name="p"):
    """A p-value with two significant digits; what underflows says so."""
    if np.isnan(p):
        return f"{name} not available"
    return f"{name} < 1e-300" if p < 1e-300 else f"{name} = {p:.2g}"


def percent(share):
    """A share of one, in per cent."""
    return f"{100 * share:.4g}%"


def between(low, high):
    """The two ends of an interval."""
    return f"{number(low)} to {number(high)}"


def counted(n, noun, plural=None):
    """A number and its noun: 1 row, 22,569 rows."""
    return f"{n:,} {noun if n == 1 else plural or noun + 's'}"
