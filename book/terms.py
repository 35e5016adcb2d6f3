"""The glossary's entries, each in a sentence: what a link to a term shows while one points at it."""

import json
import re

from markdown_it import MarkdownIt

SENTENCE = re.compile(r".+?[.!?](?=\s+[A-Z(“\"]|$)", re.DOTALL)
MARKDOWN = MarkdownIt("commonmark")
NOT_AN_END = ("e.g.", "i.e.", "vs.", "et al.")


def first_sentences(glossary):
    """Anchor of each entry -> its first sentence, as plain words.

    An entry that only says *See another* takes the sentence of that other.
    """
    _, *parts = re.split(r"^## (.+)$", glossary, flags=re.MULTILINE)
    texts = dict(zip(map(slug, parts[::2]), parts[1::2], strict=True))
    sentences = {}
    for name, text in texts.items():
        other = re.fullmatch(r"See \[[^\]]+\]\(#([\w-]+)\)\.?", text.strip())
        sentences[name] = first_sentence(texts[other[1]] if other else text)
    return sentences


def first_sentence(text):
    """The first sentence of a paragraph in markdown, without its marks."""
    plain = " ".join(words(text.strip().split("\n\n")[0]).split())
    for found in SENTENCE.finditer(plain):
        if not found[0].endswith(NOT_AN_END):
            return plain[: found.end()]
    return plain


def words(markdown):
    """What is left of markdown when its marks go."""
    inline = [token for token in MARKDOWN.parse(markdown) if token.type == "inline"]
    texts = {"text", "code_inline"}
    return " ".join(
        "".join(child.content if child.type in texts else " " * (child.type == "softbreak") for child in token.children)
        for token in inline
    )


def slug(title):
    """GitHub's name of a heading, which MyST gives, too."""
    return re.sub(r"[^\w\- ]", "", title.strip().lower()).replace(" ", "-")


def script(sentences):
    """A script that hands the sentences to the pages: a page opened as a file may read no JSON."""
    return f"window.glossary = {json.dumps(sentences, ensure_ascii=False, indent=0, sort_keys=True)};\n"
