import pytest

from contacts.codecs.labels import label_of_types, normal_label


@pytest.mark.parametrize(
    ("label", "normal"),
    [
        ("Work", "work"),
        (" * Work ", "work"),
        ("_$!<WorkFAX>!$_", "fax"),
        ("_$!<Mobile>!$_", "mobile"),
        ("Home Fax", "home fax"),
        ("Handy", "mobile"),
        ("geschäftlich", "work"),
        ("Privé", "home"),
        ("携帯", "mobile"),
        ("Summer house", "Summer house"),
        ("* ", ""),
        ("", ""),
        ("x" * 70, "x" * 64),
    ],
)
def test_common_labels_are_the_same_word_and_others_stay(label: str, normal: str) -> None:
    assert normal_label(label) == normal
    assert normal_label(normal) == normal


@pytest.mark.parametrize(
    ("types", "label"),
    [
        ("work voice pref", "work"),
        ("cell work", "mobile"),
        ("iphone cell", "mobile"),
        ("home cell", "mobile"),
        ("fax work", "fax"),
        ("fax home", "home fax"),
        ("fax home work", "fax"),
        ("fax", "fax"),
        ("pager work", "pager"),
        ("main", "main"),
        ("voice", ""),
        ("internet pref", ""),
        ("x-boat", "boat"),
        ("textphone", "tty"),
    ],
)
def test_number_is_labelled_by_the_strongest_of_its_types(types: str, label: str) -> None:
    assert label_of_types(types.split()) == label
