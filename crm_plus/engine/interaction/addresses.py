"""Telephone numbers and email addresses as other systems write them, in the ways in which a contact may have them.

Each function gives what to look for, the likeliest first; nothing here knows which contacts there are.

>>> phone_variants("sip:+32470112233@pbx.example")
['+32470112233']
>>> phone_variants("0032 (0)470/11.22.33")
['0032 470/11.22.33']
>>> phone_variants("32470112233")
['32470112233', '+32470112233']
>>> email_variants("mailto:Olga.One+crm@Example.TEST")
['olga.one+crm@example.test', 'olga.one@example.test']
"""

import re
import unicodedata

SCHEME = re.compile(r"^\s*(tel|callto|sips?|phone|mailto)\s*:\s*", re.IGNORECASE)
# "+32 (0)470": what is dialled from within the country only.
TRUNK_ZERO = re.compile(r"^(\s*(?:\+|00)[\d\s]+)\(0\)")
# What stands between two numbers in one field; a slash may also be part of one.
BETWEEN = re.compile(r"[,;|\n،؛]+|(?:^|\s)(?:or|and|und|oder|ou|et|y|o|e)(?:\s|$)", re.IGNORECASE)
SLASH = re.compile(r"\s*/\s*")
EXTENSION = re.compile(r"(?:ext\.?|x|#).*$", re.IGNORECASE)
# The digits at the end by which a number is sought: those of a subscriber, without what is dialled before them.
TAIL = 7
# The shortest international number that is written without its prefix, and the longest there is.
FEWEST, MOST = 11, 15


def ascii_digits(text: str) -> str:
    """Digits of any script as ASCII ones.

    >>> ascii_digits("+۹۸ ٩١٢ ３")
    '+98 912 3'
    """
    return "".join(str(unicodedata.decimal(char)) if char.isdecimal() else char for char in text)


def phone_variants(text: str) -> list[str]:
    """Numbers that a text may mean, to be read with the country of the company."""
    number = ascii_digits(unicodedata.normalize("NFKC", text))
    is_sip = re.match(r"\s*sips?:", number, re.IGNORECASE)
    number = SCHEME.sub("", number)
    if is_sip or "@" in number:
        number = number.split("@")[0]
    number = TRUNK_ZERO.sub(r"\1", number.split(";")[0]).strip()
    variants = [number]
    if number.isdigit() and not number.startswith("0") and FEWEST <= len(number) <= MOST:
        variants.append(f"+{number}")
    return variants


def digits_of(text: str) -> str:
    """The digits of a number without its extension.

    >>> digits_of("(208) 555-0123 ext. 44")
    '2085550123'
    """
    return "".join(char for char in EXTENSION.sub("", ascii_digits(text)) if char.isdecimal())


def phone_parts(text: str) -> list[str]:
    """The numbers that are written into one field, and the whole of it.

    >>> phone_parts("+32 2 290 34 90 / +32 470 99 88 77")
    ['+32 2 290 34 90', '+32 470 99 88 77', '+32 2 290 34 90 / +32 470 99 88 77']
    >>> phone_parts("0470/11.22.33")
    ['0470/11.22.33']
    """
    text = ascii_digits(text)
    parts = []
    for part in BETWEEN.split(text):
        pieces = SLASH.split(part)
        parts += pieces if all(len(digits_of(piece)) >= TAIL for piece in pieces) else [part]
    return list(dict.fromkeys(part for part in [*map(str.strip, parts), text.strip()] if digits_of(part)))


def email_parts(text: str) -> list[str]:
    """The addresses that are written into one field.

    >>> email_parts("Ada <ada@a.test>; info@a.test")
    ['ada@a.test', 'info@a.test']
    """
    return [part.lower() for part in re.split(r'[\s,;<>"]+', text) if "@" in part.strip("@")]


def without_tag(address: str) -> str:
    """An address without the tag after a plus sign.

    >>> without_tag("ada+shop@a.test")
    'ada@a.test'
    """
    local, at, domain = address.rpartition("@")
    return f"{local.split('+')[0]}{at}{domain}" if "+" in local[1:] else address


def email_variants(text: str) -> list[str]:
    """Addresses that a text may mean: with and without the tag after a plus sign, with its domain in either script; of
    several that are written into one field each.

    >>> email_variants("a@x.test, b@x.test")
    ['a@x.test', 'b@x.test']
    """
    parts = email_parts(text) if re.search(r"[,;]", text) else []
    if len(parts) > 1:
        return [variant for part in parts for variant in email_variants(part)]
    address = SCHEME.sub("", text).split("?")[0].strip().lower()
    if "<" in address:
        address = address.rsplit("<", 1)[1].split(">")[0].strip()
    local, at, domain = address.rpartition("@")
    if not at or not local:
        return [address]
    locals_ = [local, *([local.split("+")[0]] if "+" in local[1:] else [])]
    return list(dict.fromkeys(f"{name}@{host}" for name in locals_ for host in _in_both_scripts(domain)))


def _in_both_scripts(domain: str) -> list[str]:
    """A domain as it is, and the same in Unicode or in ASCII."""
    try:
        other = domain.encode("ascii").decode("idna") if domain.isascii() else domain.encode("idna").decode("ascii")
    except UnicodeError:
        return [domain]
    return [domain, other]
