"""Texts in the form in which they are compared."""

from __future__ import annotations

import re
import unicodedata

_APART = re.compile(r"\.?[\s\-_\u2010-\u2015]+")  # "C. elegans" is also written without stop
_APOSTROPHES = re.compile("[\u2018\u2019\u2032`]")
_BETWEEN_WORDS = re.compile(r"[\s()\[\]{},/;:+]+")
# licences are cited as the address of the legal text or of the summary, in some language
_LICENCE_PAGE = re.compile(r"/?(?:legalcode|deed)?(?:\.[a-z]{2}(?:[-_][a-z]+)?)?/?$")


def key(text: str) -> str:
    """Return text as names are compared.

    Case, accents, hyphens, runs of spaces and the form of an apostrophe do not matter.
    """
    if not text.isascii():
        # half a surrogate pair, from damaged JSON or a clipboard, cannot be written as UTF-8
        apart = unicodedata.normalize("NFKD", text.encode("utf-8", "replace").decode())
        text = "".join(letter for letter in apart if not unicodedata.combining(letter))
    return _APART.sub(" ", _APOSTROPHES.sub("'", text.casefold())).strip()


def words(compared: str) -> list[str]:
    """Return the words of a compared text."""
    return [word for word in _BETWEEN_WORDS.split(compared) if word]


def joined(compared: str) -> str:
    """Return a compared text without spaces: *light sheet* is also written *lightsheet*."""
    return compared.replace(" ", "")


# Names are in the singular, and often in one of the two English spellings only.
_SINGULAR = (
    (re.compile(r"(?<=[^aeiou])ies$"), "y"),
    (re.compile(r"(?<=ch|sh|ss|.x|.z)es$"), ""),
    (re.compile(r"(?<=[^siu])s$"), ""),
)
_AMERICAN = (
    (re.compile(r"o?e(?=[mpstd])|ae"), "e"),
    (re.compile(r"(?<=[lmnb])our\b"), "or"),
    (re.compile(r"(?<=i)s(?=ation|ing|ed\b|e\b|er\b)"), "z"),
    (re.compile(r"(?<=[bt])re\b"), "er"),
)
_SHORTEST = 4


def spellings(compared: str) -> list[str]:
    """Return how else a compared text may be written: in the singular, or as in America.

    Not all of these are words; they are for comparing with whole names.
    """
    if len(compared) < _SHORTEST:
        return []
    american = compared
    for spelt, instead in _AMERICAN:
        american = spelt.sub(instead, american)
    one = (end.sub(no, text) for text in (compared, american) for end, no in _SINGULAR)
    return [each for each in dict.fromkeys([american, *one]) if each != compared]


def address_key(text: str) -> str:
    """Return a web address in the form in which addresses are compared."""
    bare = re.sub(r"^https?://(?:www\.)?", "", text.strip().casefold())
    return _LICENCE_PAGE.sub("", bare)
