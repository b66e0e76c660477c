"""Which encoding a text is written in that is not Unicode and does not say. By what its bytes look like, so a guess.

Western text has single letters above ASCII between others below; Cyrillic text has whole words of them; East Asian text
has pairs, the first of which comes from few rows of the table of each encoding.
"""

import re
from collections.abc import Callable

WESTERN = "cp1252"
"""What a Western Excel or Outlook writes when it does not write Unicode."""

_LOOKED_AT = 64 * 1024
_HIGH = re.compile(rb"[\x80-\xff]")
_RUN = re.compile(rb"[\x80-\xff]+")
_DOS_OR_MAC = re.compile(rb"(?<=[A-Za-z])[\x80-\x9f](?=[a-z])")
_POLISH = re.compile(
    rb"(?<=[A-Za-z\xc0-\xff])[\xb3\xb9\xbf\x9c](?=[a-z\xe0-\xff,;\"\s])|[\xa3\xaf\x8c](?=[a-z\xe0-\xff])"
)
"""Letters of Central Europe which would be signs in Western text: l with a stroke is a small three there."""
_JAPANESE = re.compile(rb"[\x81-\x9f\xe0-\xfc][\x40-\x7e\x80-\xfc]|[\x80-\xff]")
_CHINESE = re.compile(rb"[\x81-\xfe][\x40-\x7e\x80-\xfe]|[\x80-\xff]")
_TAIWANESE = re.compile(rb"[\xa1-\xf9][\x40-\x7e\xa1-\xfe]|[\x80-\xff]")
_KOREAN = re.compile(rb"[\xa1-\xfe][\xa1-\xfe]|[\x80-\xff]")
_USUAL_OF_MAC = frozenset("äöüÄÖÜßéèêàáíóúçñ".encode("mac_roman"))
_USUAL_OF_DOS = frozenset("äöüÄÖÜßéèêàáíóúçñ".encode("cp850"))
_MOST, _MANY, _SOME = 0.85, 0.5, 0.2


def guess_encoding(data: bytes) -> str:
    sample = data[:_LOOKED_AT]
    high = len(_HIGH.findall(sample))
    if high == 0:
        sample = data[max(0, next((match.start() for match in _HIGH.finditer(data)), 0) - 64) :][:_LOOKED_AT]
        high = len(_HIGH.findall(sample)) or 1
    runs = _RUN.findall(sample)
    return _east_asian(sample, high) or _cyrillic(runs, high) or _western(sample, high)


def _east_asian(sample: bytes, high: int) -> str:
    if high < 4:
        return ""
    japanese = _share(_JAPANESE, sample, lambda lead: lead in (0x82, 0x83) or 0x88 <= lead <= 0x97)
    if japanese > _MANY and _decodes(sample, "cp932"):
        return "cp932"
    korean = _share(_KOREAN, sample, lambda lead: 0xB0 <= lead <= 0xC8)
    chinese = _share(_CHINESE, sample, lambda lead: 0xB0 <= lead <= 0xD7)
    taiwanese = _share(_TAIWANESE, sample, lambda lead: 0xA4 <= lead <= 0xC6)
    if korean > _MOST and _decodes(sample, "euc_kr"):
        return "cp949"
    if chinese > _MOST and chinese >= taiwanese and _decodes(sample, "gb18030") and not _is_broken_up(sample):
        return "gb18030"
    return "big5" if taiwanese > _MOST and _decodes(sample, "big5") and not _is_broken_up(sample) else ""


def _cyrillic(runs: list[bytes], high: int) -> str:
    if high < 4 or high / len(runs) < 2.5:
        return ""
    letters = sum(byte >= 0xC0 or byte in (0xA8, 0xB8) for run in runs for byte in run)
    if letters / high < _MOST:
        return ""
    # Capitals and small letters stand the other way round in KOI8.
    small_first = sum(run[0] >= 0xE0 > run[1] for run in runs if len(run) > 1)
    return "koi8-r" if small_first > len(runs) / 2 else "cp1251"


def _western(sample: bytes, high: int) -> str:
    if len(_DOS_OR_MAC.findall(sample)) / high > _MANY:
        mac = sum(byte in _USUAL_OF_MAC for byte in sample if byte >= 0x80)
        dos = sum(byte in _USUAL_OF_DOS for byte in sample if byte >= 0x80)
        return "mac_roman" if mac >= dos else "cp850"
    return "cp1250" if len(_POLISH.findall(sample)) / high > _SOME else WESTERN


def _share(pairs: re.Pattern[bytes], sample: bytes, is_usual: Callable[[int], bool]) -> float:
    found = pairs.findall(sample)
    return sum(len(pair) == 2 and is_usual(pair[0]) for pair in found) / max(1, len(found))


def _is_broken_up(sample: bytes) -> bool:
    """Whether most letters above ASCII stand alone, as they never do in Chinese."""
    runs = _RUN.findall(sample)
    return sum(len(run) == 1 for run in runs) > len(runs) / 2


def _decodes(sample: bytes, encoding: str) -> bool:
    """Up to the last bytes, which may be half a letter."""
    try:
        sample.decode(encoding)
    except UnicodeDecodeError as error:
        return error.start >= len(sample) - 4
    return True
