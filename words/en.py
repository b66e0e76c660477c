"""English."""

from words.catalogue import Words

WORDS = Words(
    language="en",
    name="English",
    hello="Hello {name},",
    instead_of_button="If the button does not work, open this address: {link}",
    why_own_address="You get this because this is your e-mail address at {company}.",
    moment="{at:%Y-%m-%d %H:%M} UTC",
    happened={
        "password_changed": "Your password was changed",
        "password_set_by_link": "Your password was set by a link that was mailed to you",
        "app_added": "An authenticator app was set up",
        "app_removed": "Your authenticator app and your recovery codes were removed",
        "codes_renewed": "New recovery codes were made, and those before do not count any more",
        "code_used": "A recovery code was used",
        "passkey_added": "A passkey was added",
        "passkey_removed": "A passkey was removed",
    },
    alert_told="{what}, for the login {login}: at {when}.",
    alert_told_from="{what}, for the login {login}: at {when}, from {address}.",
    alert_advice="If that was you, there is nothing to do. If not, ask for a new password at the login page and tell"
    " your office manager at once: all logins can be ended there.",
    alert_why="You get this because {login} at {company} has this address.",
    confirmation_title="Confirm your e-mail address",
    confirmation_entered="{email} was entered as an e-mail address of {login}. If that is right, confirm it within"
    " three days.",
    confirmation_button="Confirm this address",
    confirmation_until="Until then nothing else is sent to this address. If it was not meant to be yours, do nothing.",
    confirmation_why="You get this because somebody at {company} has entered this address.",
    recovery_title="Set a new password",
    recovery_asked="somebody, most likely you, has asked to set a new password for {login}. The link works once, within"
    " an hour.",
    recovery_button="Set a new password",
    recovery_not_you="If it was not you, do nothing: your password stays as it is.",
    welcome_title="Welcome: set your password and PIN",
    welcome_ready="your account {login} is ready. The link lets you set your password and your voicemail PIN. It works"
    " once, within seven days.",
    welcome_button="Set password and PIN",
    unread_one="1 unread message",
    unread_many="{count} unread messages",
    unread_of_person="{messages} from {who}",
    unread_in_group="{messages} in {group}",
    unread_in_several="{messages} in {count} conversations",
    new_many="{count} new messages",
    open_conversation="Open the conversation",
    others_one="… and 1 more conversation.",
    others_many="… and {count} more conversations.",
    unread_why_one="You get this because messages to you at {company} were unread for a minute.",
    unread_why_many="You get this because messages to you at {company} were unread for {minutes} minutes.",
    unread_change="You can change or turn this off in the portal, under You.",
    files_one="(1 file)",
    files_many="({count} files)",
    somebody="Somebody",
)
