import pytest

from contacts.codecs.guessing import guess_encoding


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp1252", "Vorname;Nachname\nJörg;Müller\nBéatrice;Lefèvre\nJosé;Muñoz"),
        ("cp1252", "François Crête, naïve “quoted” – dash, 5 €, 20 m²"),
        ("cp1252", "a;Müller"),
        ("cp1252", "Ærø Åse Bjørn Åsa Öberg ÅÄÖ AB"),
        ("cp1252", "MÜLLER; GRÖßE; ÄÖÜ"),
        ("mac_roman", "Jörg Müller, Straße, Béatrice"),
        ("cp850", "Jörg Müller, Straße, Béatrice"),
        ("cp1250", "Imię,Nazwisko\nŁukasz,Wójcik\nMałgorzata,Dąbrowska\nPaweł,Żak"),
        ("cp1250", "N:Wójcik;Łukasz;;;\nORG:Spółka Żółć"),
        ("cp1251", "Имя;Фамилия\nИван;Петров\nОльга;Сидорова"),
        ("koi8-r", "Имя;Фамилия\nИван;Петров"),
        ("cp932", "姓,名,会社名\n山田,太郎,株式会社テスト"),
        ("cp932", "First Name,Last Name\n太郎,山田\n花子,鈴木"),
        ("gb18030", "姓名,公司\n王伟,北京科技有限公司\n李娜,上海"),
        ("big5", "姓名,公司\n王偉,台北科技有限公司\n陳怡君,高雄"),
        ("cp949", "이름,회사\n김민준,삼성전자\n이서연,서울"),
    ],
)
def test_a_text_shows_its_encoding_by_which_bytes_stand_beside_which(encoding: str, text: str) -> None:
    assert guess_encoding(text.encode(encoding)) == encoding
    assert guess_encoding(b"x" * 100_000 + b"\n" + text.encode(encoding)) == encoding, "however late it shows"
