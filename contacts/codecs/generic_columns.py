"""Columns of tables that people made: what their names say, word by word, in the languages we know.

A word says what a column is (`phone`), others whose (`work`). Words that are not known do not matter: `Phone no.`,
`Office phone (direct)` and `Telefon Büro` are clear enough. A name without a word that is known means nothing.
"""

import re

from contacts.codecs.labels import CAR, FAX, HOME, HOME_FAX, MAIN, MOBILE, OTHER, PAGER, WORK
from contacts.codecs.limits import LABEL
from contacts.codecs.meanings import Meaning, key_of
from contacts.searching import fold

_EXACT = {
    "first_name": """first name, firstname, given name, forename, fname, vorname, rufname, prénom, nombre,
        nombres, nome, primeiro nome, voornaam, fornavn, förnamn, imię, jméno, имя, 名, christian name, first""",
    "middle_name": """middle name, middlename, second name, zweiter vorname, deuxième prénom, segundo nombre,
        secondo nome, tussenvoegsel, отчество, middle, middle initial""",
    "last_name": """last name, lastname, surname, family name, lname, nachname, familienname, zuname, nom, nom de
        famille, apellido, apellidos, cognome, apelido, sobrenome, último nome, achternaam, etternavn, efternavn,
        efternamn, nazwisko, příjmení, фамилия, 姓, last""",
    "full_name": """name, full name, fullname, display name, displayname, contact, contact name, anzeigename,
        vollständiger name, voller name, nom complet, nombre completo, nome completo, nome visualizzato, volledige
        naam, naam, navn, namn, фио, 氏名, 名前, お名前, nom et prénom, nom prénom, ansprechpartner, kontakt, file as,
        person, employee, customer, customer name, cn, nom à afficher""",
    "prefix": "prefix, name prefix, salutation, anrede, titel, civilité, tratamiento, titolo, aanhef, mr/mrs",
    "suffix": "suffix, name suffix, namenszusatz",
    "company": """company, company name, organization, organisation, organization name, organisation name,
        business, business name, employer, firm, firma, firmenname, unternehmen, société, entreprise, raison
        sociale, empresa, compañía, organización, società, azienda, ditta, bedrijf, bedrijfsnaam, organisatie,
        empresa nome, organização, компания, организация, 会社, 会社名, company/organization, account name, account,
        work company, o, company_name""",
    "department": """department, dept, dept., division, team, abteilung, service, département, departamento,
        reparto, afdeling, отдел, 部署, 部門, ou, work dept""",
    "job_title": """job title, jobtitle, title, position, role, job, occupation, function, funktion, stellung,
        beruf, fonction, poste, puesto, cargo, qualifica, posizione, mansione, functie, должность, 役職, 肩書き, work
        title, designation, job role""",
    "notes": """notes, note, comment, comments, remark, remarks, description, info, notizen, notiz, bemerkung,
        bemerkungen, kommentar, anmerkung, anmerkungen, remarque, remarques, commentaire, commentaires, notas,
        nota, observaciones, comentarios, comentário, comentários, observações, opmerkingen, opmerking, notities,
        anotações, заметки, примечание, メモ, 備考, memo""",
    "tags": """tags, tag, labels, label, category, categories, group, groups, group membership, kategorie,
        kategorien, gruppe, gruppen, catégorie, catégories, groupe, groupes, categoría, categorías, grupo, grupos,
        categoria, categorie, gruppo, gruppi, groep, groepen, categorieën, categorias, 分類, グループ, list, lists""",
    "uid": "uid, contact id, contactid, contact_id",
}
_FIELDS = {key_of(name): field for field, names in _EXACT.items() for name in names.replace("\n", " ").split(",")}

_NUMBERS = """phone phones telephone telefon telefonnummer rufnummer fon tel telno phonenumber telefonnr téléphone
    teléfono telefono telefone telefoon telefoonnummer fone телефон 電話 電話番号 landline festnetz direktwahl
    durchwahl ddi telephonenumber"""
_WEAK_NUMBERS = "number nummer numéro número numero nr no num direct voice fixe fijo fisso did"
"""Beside words that are not known, these may count anything: houses, customers, reports."""
_MOBILES = """mobile mobil mobiltelefon mobilnummer mobilfunk mobilfunknummer handy handynummer cell cellphone cellular
    mobilephone portable gsm móvil celular cellulare mobiel telemóvel iphone natel мобильный 携帯 携帯電話 mobilenumber
    mobileno cellnumber"""
_FAXES = "fax faxnumber faxnummer telefax télécopie faxno faxnr ファックス ファクス"
_EMAILS = """email emails mail emailaddress mailadresse emailadresse epost correo courriel messagerie emailadres
    почта メール メールアドレス eメール correio"""
_STREETS = """street strasse adresse address addresses rue calle dirección indirizzo via adres straat morada rua
    endereço улица 住所 番地"""
_CITIES = """city town ort stadt wohnort ville localité ciudad localidad población città comune plaats woonplaats
    cidade localidade город 市区町村"""
_REGIONS = (
    "state region province bundesland kanton county région département provincia provincie estado distrito 都道府県"
)
_CODES = "zip zipcode postcode postalcode postal plz postleitzahl cp cap cep postnummer индекс 郵便番号"
_COUNTRIES = "country land nation pays país paese nazione страна 国"
_BOXES = "pobox postfach"
_PLACES = {
    WORK: """work business office company firm corporate geschäftlich dienstlich arbeit firma büro bureau travail
        professionnel professionnelle pro trabajo oficina empresa lavoro ufficio uff werk zakelijk bedrijf
        trabalho comercial 勤務先 会社""",
    HOME: """home private personal privat privé privée zuhause domicile maison casa particular domicilio
        abitazione ab thuis residencial residência 自宅""",
    OTHER: """other weitere weiteres weiterer andere sonstige autre otro otra altro altra ander overig outro outra
        その他""",
    MAIN: "main primary haupt zentrale hauptnummer principal principale switchboard standard hoofd",
    CAR: "car auto voiture",
    PAGER: "pager",
    "assistant": "assistant assistent secretary sekretariat",
}


def _keys(words: str) -> frozenset[str]:
    return frozenset(key_of(word) for word in words.split())


_KINDS = (
    ("email", _keys(_EMAILS)),
    ("fax", _keys(_FAXES)),
    ("mobile", _keys(_MOBILES)),
    ("code", _keys(_CODES)),
    ("box", _keys(_BOXES)),
    ("city", _keys(_CITIES)),
    ("country", _keys(_COUNTRIES)),
    ("region", _keys(_REGIONS)),
    ("number", _keys(_NUMBERS)),
    ("street", _keys(_STREETS)),
)
"""The surest first: an e-mail address is no street, and a mobile phone no telephone at a desk."""
_WEAK = _keys(_WEAK_NUMBERS)
_PLACE_OF = {key: label for label, words in _PLACES.items() for key in _keys(words)}
_ALONE = _keys(
    """work office home private privat geschäftlich dienstlich büro bureau travail domicile trabajo casa lavoro
    ufficio werk thuis trabalho main other pager car assistant business"""
)
_ADDRESS_PARTS = {"code": "postal_code", "box": "box", "city": "city", "country": "country", "region": "region"}
_NOTES = {
    key_of(name): told
    for name, told in {
        "Birthday": "Birthday",
        "Birthdate": "Birthday",
        "Date of Birth": "Birthday",
        "DOB": "Birthday",
        "Geburtstag": "Birthday",
        "Geburtsdatum": "Birthday",
        "Date de naissance": "Birthday",
        "Fecha de nacimiento": "Birthday",
        "Data di nascita": "Birthday",
        "Geboortedatum": "Birthday",
        "Data de nascimento": "Birthday",
        "Website": "Website",
        "Web": "Website",
        "Webseite": "Website",
        "Web Page": "Website",
        "Homepage": "Website",
        "URL": "Website",
        "Nickname": "Nickname",
        "Spitzname": "Nickname",
        "Gender": "Gender",
    }.items()
}
_REMARKS = frozenset(key for key, field in _FIELDS.items() if field == "notes")
_FILLERS = frozenset(
    key_of(word)
    for word in [
        "e",
        "n",
        "address",
        "adresse",
        "addresses",
        "adress",
        "the",
        "my",
        "your",
        "of",
        "and",
        "und",
        "or",
        "der",
        "die",
        "das",
        "de",
        "du",
        "del",
        "della",
        "di",
        "do",
        "da",
        "la",
        "le",
        "el",
        "id",
        "contact",
        "kontakt",
        "contacto",
        "contatto",
        "contato",
    ]
)
"""Words that do not tell one number or address from another."""
_OTHER_THINGS = frozenset(
    key_of(word)
    for word in [
        "ip",
        "mac",
        "web",
        "url",
        "http",
        "https",
        "website",
        "internet",
        "sip",
        "voip",
        "status",
        "date",
        "datum",
        "type",
        "typ",
        "owner",
        "created",
        "modified",
        "updated",
        "count",
        "lead",
        "opt",
        "optin",
        "optout",
        "subscribed",
        "size",
        "book",
        "reports",
        "manager",
        "time",
    ]
)
"""Beside these, what looks like a part of an address or a number is something else: `IP address`, `Phone type`."""
_KNOWN_WORDS = frozenset[str]().union(*(known for _, known in _KINDS), _WEAK, _FILLERS, _PLACE_OF)
_WORDS = re.compile(r"[^\W\d_]+|\d+")
_NUMBERED = re.compile(r"(\d+)$")
_CAMEL = re.compile(r"(?<=[a-zß-ÿ])(?=[A-Z])")
_PO_BOX = re.compile(r"\bp\.?\s?o\.?\s?box\b", re.IGNORECASE)
_E_MAIL = re.compile(r"\be[- ](?=mail|post|メール)", re.IGNORECASE)
_ZIP_CODE = re.compile(r"\b(?:zip|post|postal|código|code)[ _-]+(?:code|postale?)\b", re.IGNORECASE)
_PHOTOS = frozenset({"photo", "picture", "image", "foto", "bild", "avatar", "userphoto"})


def meaning_of_words(name: str) -> Meaning | None:
    key = key_of(name)
    if key in _FIELDS:
        return Meaning("field", _FIELDS[key])
    if key in _NOTES:
        return Meaning("note", _NOTES[key])
    if key in _PHOTOS:
        return Meaning("photo")
    words = _words_of(name)
    if not words or not _OTHER_THINGS.isdisjoint(words):
        return None
    if _REMARKS.issuperset(words):
        return Meaning("field", "notes")
    kinds = [kind for kind, known in _KINDS if not known.isdisjoint(words)]
    place = next((_PLACE_OF[word] for word in words if word in _PLACE_OF), "")
    if kinds:
        kind = "city" if kinds[:2] == ["code", "city"] else kinds[0]
        return _meaning(kind, place, words, name)
    if place and _is_only_a_place(words):
        return Meaning("number", place)
    if not _WEAK.isdisjoint(words) and all(word in _WEAK or word in _PLACE_OF or word.isdigit() for word in words):
        return Meaning("number", place or OTHER)
    return None


def _meaning(kind: str, place: str, words: list[str], name: str) -> Meaning:
    number = next((word for word in words if word.isdigit()), "1")
    if kind == "email":
        label = (place if place in (WORK, HOME, OTHER) else "") if place else _own_label(words, name)
        return Meaning("email", "value", group=f"w{label}{number}", label=label)
    if kind == "fax":
        return Meaning("number", HOME_FAX if place == HOME else FAX)
    if kind == "mobile":
        return Meaning("number", MOBILE)
    if kind == "number":
        return Meaning("number", place or _own_label(words, name) or OTHER)
    label = place if place in (WORK, HOME, OTHER) else ""
    if kind == "street":
        # `Address 2` is the second line of a street; few tables have two addresses without saying whose.
        line = {"2": "street2", "3": "street3"}.get(number, "street")
        return Meaning("address", line, group=label or "w", label=label)
    return Meaning("address", _ADDRESS_PARTS[kind], group=label or "w", label=label)


def _own_label(words: list[str], name: str) -> str:
    """`Emergency phone` is a label of its own; `Phone no. 2` is none."""
    unknown = [word for word in words if word not in _KNOWN_WORDS and not word.isdigit()]
    return name[:LABEL].strip() if unknown else ""


def _is_only_a_place(words: list[str]) -> bool:
    """`Work`, `Home` and `Business2` alone are numbers in tables of telephones."""
    first, *rest = words
    return first in _ALONE and all(word.isdigit() for word in rest)


def _words_of(name: str) -> list[str]:
    name = _ZIP_CODE.sub("zip ", _E_MAIL.sub("", _PO_BOX.sub("pobox", name)))
    name = _NUMBERED.sub(r" \1", _CAMEL.sub(" ", name))
    return [key_of(word) for word in _WORDS.findall(fold(name))]
