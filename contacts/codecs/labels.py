"""The words beside numbers, e-mail addresses and postal addresses: one word for what every program calls differently.

Whatever is not in the tables stays as it was typed.
"""

from collections.abc import Iterable
from functools import lru_cache

from contacts.codecs.limits import LABEL

WORK, MOBILE, HOME, FAX, HOME_FAX, OTHER = "work", "mobile", "home", "fax", "home fax", "other"
MAIN, PAGER, CAR = "main", "pager", "car"

_SAME = {
    WORK: """work business office company arbeit geschäftlich dienstlich büro bureau travail trabajo oficina lavoro
        ufficio werk zakelijk trabalho comercial profissional 勤務先 会社""",
    MOBILE: """mobile cell cellular iphone mobil handy mobiltelefon portable móvil celular cellulare mobiel telemóvel
        携帯 携帯電話""",
    HOME: """home private personal privat zuhause domicile maison domicilio casa particular abitazione thuis privé
        residencial 自宅""",
    FAX: "fax workfax businessfax telefax télécopie faxgeschäftlich",
    HOME_FAX: "homefax faxprivat",
    OTHER: "other andere weitere sonstige autre otro altro anders overig outro その他",
    MAIN: "main hauptnummer principal principale hoofdnummer",
    PAGER: "pager",
    CAR: "car autotelefon",
}
_WORDS = {word: label for label, words in _SAME.items() for word in words.split()}
_NOTHING_BETWEEN = str.maketrans("", "", " -_()")


@lru_cache(maxsize=1_024)
def normal_label(text: str) -> str:
    """`Work Fax`, `_$!<WorkFAX>!$_` and `fax` are one label; unknown ones stay as they are, without a leading `* `."""
    label = text.strip()
    if label.startswith("_$!<") and label.endswith(">!$_"):
        label = label[4:-4].strip()
    if label.startswith("*"):
        label = label.lstrip("* ")
    return _WORDS.get(label.casefold().translate(_NOTHING_BETWEEN), label[:LABEL])


_TYPES = {
    "cell": MOBILE,
    "iphone": MOBILE,
    "pcs": MOBILE,
    "mobile": MOBILE,
    "pager": PAGER,
    "car": CAR,
    "main": MAIN,
    "work": WORK,
    "home": HOME,
    "business": WORK,
    "assistant": "assistant",
    "radio": "radio",
    "callback": "callback",
    "company": MAIN,
    "isdn": "isdn",
    "textphone": "tty",
    "tty-tdd": "tty",
    "tty": "tty",
    "tlx": "telex",
    "telex": "telex",
    "video": "video",
    "modem": "modem",
    "bbs": "bbs",
    "other": OTHER,
}
"""vCard types, the strongest first: a mobile of somebody's work is a mobile."""
_SAY_NOTHING = frozenset(
    {"voice", "pref", "internet", "text", "msg", "x400", "ims", "uri", "dom", "intl", "postal", "parcel"}
)


def label_of_types(types: Iterable[str]) -> str:
    """The label of a vCard number with these types, in lower case. Empty if they say nothing."""
    given = set(types)
    if "fax" in given or "facsimile" in given:
        return HOME_FAX if "home" in given and "work" not in given else FAX
    for known, label in _TYPES.items():
        if known in given:
            return label
    for own in sorted(given - _SAY_NOTHING):
        return normal_label(own.removeprefix("x-"))
    return ""
