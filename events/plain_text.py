"""Text as calendars can bear it: no markup, no control characters, no separators that only some readers know.

One bad character loses a whole feed in ical.js and Nextcloud, so everything that people wrote passes here
before it is serialised (RFC 5545 3.3.11).
"""

import html
import re
import unicodedata

LONGEST = 20_000
PASSES = 5
ELLIPSIS = "…"

LINE_BREAKS = re.compile(r"\r\n|[\r\x85\u2028\u2029]")
# C0 and C1, DEL, the byte order mark, halves of surrogate pairs, noncharacters.
FORBIDDEN = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\ufeff\ud800-\udfff\ufffe\uffff]")
CHARACTER_REFERENCE = re.compile(r"&(?:[A-Za-z][A-Za-z0-9]{1,31}|#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6});")
UNSEEN = re.compile(r"<!--.*?-->|<(script|style|title|head)\b[^<>]*>.*?</\1\s*>", re.DOTALL | re.IGNORECASE)
BLOCK_NAMES = r"address|article|blockquote|br|dd|div|dl|dt|figure|h[1-6]|hr|ol|p|pre|section|table|td|th|tr|ul"
INLINE_NAMES = (
    r"a|abbr|audio|b|body|button|caption|center|cite|code|col|del|em|embed|figcaption|font|footer|form|head|header"
    r"|html|i|iframe|img|input|ins|kbd|label|li|link|main|mark|meta|nav|object|option|q|s|script|select|small|source"
    r"|span|strike|strong|style|sub|summary|sup|svg|tbody|textarea|tfoot|thead|time|title|tt|u|var|video|wbr"
)
BLOCK = re.compile(rf"</?(?:{BLOCK_NAMES})(?:[\s/][^<>]*)?>", re.IGNORECASE)
PARAGRAPH = re.compile(r"</?(?:p|h[1-6]|blockquote|ul|ol)(?:[\s/][^<>]*)?>", re.IGNORECASE)
ITEM = re.compile(r"<li(?:[\s/][^<>]*)?>", re.IGNORECASE)
INLINE = re.compile(rf"</?(?:{INLINE_NAMES})(?:[\s/][^<>]*)?>", re.IGNORECASE)
LOOKS_LIKE_A_TAG = re.compile(r"<(?=/?[A-Za-z!?])([^<>]*)>")
# Readers that unescape in two steps (node-ical, ics) take these two for a line break, however well escaped.
NEARLY_A_LINE_BREAK = re.compile(r"\\(?=[nN])")
# Readers that look for a component anywhere in a line (ts-ics, cal-parser) find one in such words.
NEARLY_A_COMPONENT = re.compile(r"\b(BEGIN|END):(?=\w)", re.IGNORECASE)
EMAIL_ADDRESS = re.compile(r"(?<![\w.+%-])[\w.+%-]++@[\w-]++(?:\.[\w-]++)+")
# What must not be cut off from the character before it: variation selectors, skin tones, joiners.
CLINGING = re.compile(r"[\u200d\ufe00-\ufe0f\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]")


def clean(text: str) -> str:
    """Give plain text in NFC whose only control character is the line feed; markup becomes line breaks or nothing."""
    text = _without_markup(LINE_BREAKS.sub("\n", text[:LONGEST]))
    text = NEARLY_A_LINE_BREAK.sub("\N{FULLWIDTH REVERSE SOLIDUS}", unicodedata.normalize("NFC", text))
    text = NEARLY_A_COMPONENT.sub(r"\1: ", text)
    text = re.sub(r" *\n *", "\n", re.sub(r" {2,}", " ", text))
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def one_line(text: str, *, joined_by: str = " ", longest: int = 250) -> str:
    """Clean a title, a place or a label, without line breaks."""
    return shorten(joined_by.join(line for line in clean(text).split("\n") if line), longest)


def without_addresses(text: str) -> str:
    """Leave out e-mail addresses: a feed is public, and only the contact is meant to be written to."""
    return EMAIL_ADDRESS.sub(ELLIPSIS, text)


def shorten(text: str, longest: int) -> str:
    """Cut at the end of a word, or within it where it is longer than half of what there is room for."""
    if len(text) <= longest:
        return text
    cut = longest - len(ELLIPSIS)
    word_end = max(text.rfind(" ", 0, cut + 1), text.rfind("\n", 0, cut + 1))
    if word_end > cut // 2:
        cut = word_end
    while cut > 1 and _belongs_together(text[cut - 1], text[cut]):
        cut -= 1
    return text[:cut].rstrip(" \n\u200d,;:.-–—(") + ELLIPSIS


def _without_markup(text: str) -> str:
    """Undo markup, also where it was escaped: what is left cannot be taken for HTML by a reader that shows it."""
    for _ in range(PASSES):
        before = text
        text = _without_tags(_tidy(CHARACTER_REFERENCE.sub(lambda found: html.unescape(found[0]), _tidy(text))))
        if text == before:
            break
    return LOOKS_LIKE_A_TAG.sub(r"‹\1›", text)


def _tidy(text: str) -> str:
    return FORBIDDEN.sub("", LINE_BREAKS.sub("\n", text).replace("\t", " "))


def _without_tags(text: str) -> str:
    if BLOCK.search(text):
        # In HTML a line feed is a space.
        text = text.replace("\n", " ")
    text = ITEM.sub("\n- ", PARAGRAPH.sub("\n\n", UNSEEN.sub("", text)))
    return INLINE.sub("", BLOCK.sub("\n", text))


def _belongs_together(last: str, following: str) -> bool:
    return last == "\u200d" or CLINGING.match(following) is not None or unicodedata.combining(following) > 0
