"""The alphabet of a language: É beside E, but Å at the end for a Dane and Ñ after N for a Spaniard.

What a list of names in nine languages needs of CLDR's collation, without its library in C.
"""

from __future__ import annotations

from portal.base.analysis import fold
from portal.base.languages import current_language

END = "\U0010ffff"  # sorts behind every letter that is written
# Letters of their own, each by what it comes behind; all other marks and ligatures count only between equals.
OWN_LETTERS = {
    "da": str.maketrans({"æ": f"z{END}a", "ä": f"z{END}a", "ø": f"z{END}b", "ö": f"z{END}b", "å": f"z{END}c"}),
    "es": str.maketrans({"ñ": f"n{END}"}),
    "bg": str.maketrans({"й": f"и{END}"}),
}


def sort_key(text: object, language: str = "") -> tuple[str, str]:
    """The place of a name in the alphabet of a language, the reader's if none is given."""
    plain = str(text).lower()
    letters = plain.translate(OWN_LETTERS.get(language or current_language(), {}))
    return fold(letters), plain
