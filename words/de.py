"""German."""

from words.catalogue import Words

WORDS = Words(
    language="de",
    name="Deutsch",
    hello="Guten Tag {name},",
    instead_of_button="Wenn die Schaltfläche nicht geht, öffnen Sie diese Adresse: {link}",
    why_own_address="Sie erhalten diese Nachricht, weil dies Ihre E-Mail-Adresse bei {company} ist.",
    moment="{at:%d.%m.%Y, %H:%M} Uhr (UTC)",
    happened={
        "password_changed": "Ihr Passwort wurde geändert",
        "password_set_by_link": "Ihr Passwort wurde über einen Link gesetzt, den Sie per E-Mail bekommen haben",
        "app_added": "Eine Authenticator-App wurde eingerichtet",
        "app_removed": "Ihre Authenticator-App und Ihre Wiederherstellungscodes wurden entfernt",
        "codes_renewed": "Neue Wiederherstellungscodes wurden erzeugt, die alten gelten nicht mehr",
        "code_used": "Ein Wiederherstellungscode wurde benutzt",
        "passkey_added": "Ein Passkey wurde hinzugefügt",
        "passkey_removed": "Ein Passkey wurde entfernt",
    },
    alert_told="{what}. Anmeldename: {login}. Zeitpunkt: {when}.",
    alert_told_from="{what}. Anmeldename: {login}. Zeitpunkt: {when}, von {address} aus.",
    alert_advice="Wenn Sie das waren, ist nichts zu tun. Wenn nicht, fordern Sie auf der Anmeldeseite ein neues"
    " Passwort an und sagen Sie sofort Ihrer Büroleitung Bescheid: Dort lassen sich alle Anmeldungen beenden.",
    alert_why="Sie erhalten diese Nachricht, weil {login} bei {company} diese Adresse hat.",
    confirmation_title="Bestätigen Sie Ihre E-Mail-Adresse",
    confirmation_entered="{email} wurde als E-Mail-Adresse von {login} eingetragen. Wenn das stimmt, bestätigen Sie sie"
    " innerhalb von drei Tagen.",
    confirmation_button="Adresse bestätigen",
    confirmation_until="Bis dahin wird nichts anderes an diese Adresse geschickt. Wenn es nicht Ihre sein soll, tun Sie"
    " nichts.",
    confirmation_why="Sie erhalten diese Nachricht, weil jemand bei {company} diese Adresse eingetragen hat.",
    recovery_title="Neues Passwort setzen",
    recovery_asked="jemand, vermutlich Sie selbst, möchte für {login} ein neues Passwort setzen. Der Link gilt einmal"
    " und eine Stunde lang.",
    recovery_button="Neues Passwort setzen",
    recovery_not_you="Wenn Sie das nicht waren, tun Sie nichts: Ihr Passwort bleibt, wie es ist.",
    welcome_title="Willkommen: Setzen Sie Passwort und PIN",
    welcome_ready="Ihr Konto {login} ist bereit. Über den Link setzen Sie Ihr Passwort und Ihre Voicemail-PIN. Er gilt"
    " einmal und sieben Tage lang.",
    welcome_button="Passwort und PIN setzen",
    unread_one="1 ungelesene Nachricht",
    unread_many="{count} ungelesene Nachrichten",
    unread_of_person="{messages} von {who}",
    unread_in_group="{messages} in der Gruppe {group}",
    unread_in_several="{messages} in {count} Unterhaltungen",
    new_many="{count} neue Nachrichten",
    open_conversation="Unterhaltung öffnen",
    others_one="… und 1 weitere Unterhaltung.",
    others_many="… und {count} weitere Unterhaltungen.",
    unread_why_one="Sie erhalten diese Nachricht, weil Nachrichten an Sie bei {company} eine Minute lang ungelesen"
    " waren.",
    unread_why_many="Sie erhalten diese Nachricht, weil Nachrichten an Sie bei {company} {minutes} Minuten lang"
    " ungelesen waren.",
    unread_change="Ändern oder ausschalten können Sie das im Portal unter „Ich“.",
    files_one="(1 Datei)",
    files_many="({count} Dateien)",
    somebody="Jemand",
)
