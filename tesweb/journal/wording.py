"""What the journal says to the person it is about: a sentence for each kind of event."""

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from tesweb.journal.rules import What

SENTENCES: dict[What, LazyString] = {
    What.REGISTERED: _l("The cabinet was opened"),
    What.SIGNED_IN: _l("Signed in"),
    What.NEW_DEVICE: _l("Signed in on a device that was not known before"),
    What.SIGN_IN_FAILED: _l("Somebody typed a wrong password"),
    What.FACTOR_FAILED: _l("Somebody knew the password and typed a wrong code"),
    What.SIGNED_OUT: _l("Signed out"),
    What.SESSION_ENDED: _l("A device was signed out"),
    What.PASSWORD_CHANGED: _l("The password was changed"),
    What.RECOVERY_STARTED: _l("Access is being recovered"),
    What.RECOVERY_STOPPED: _l("The recovery of access was stopped"),
    What.RECOVERED: _l("Access was recovered"),
    What.OFFICE_STARTED: _l("Our office was asked to help you back in"),
    What.OFFICE_CONFIRMED: _l("Our office let you choose a new password"),
    What.OFFICE_STOPPED: _l("The help of our office was stopped"),
    What.EMAIL_CHANGED: _l("The e-mail was changed"),
    What.PHONE_CHANGED: _l("The phone number was changed"),
    What.PASSKEY_ADDED: _l("A passkey was added"),
    What.PASSKEY_REMOVED: _l("A passkey was removed"),
    What.PASSKEY_COPIED: _l("A passkey was refused: it may have been copied"),
    What.TOTP_ADDED: _l("Codes of an app were switched on"),
    What.TOTP_REMOVED: _l("Codes of an app were switched off"),
    What.CODES_MADE: _l("Recovery codes were made"),
    What.CODE_USED: _l("A recovery code was used"),
    What.ACCOUNT_LINKED: _l("An account was added"),
    What.ACCOUNT_UNLINKED: _l("An account was taken out"),
    What.MEMBER_INVITED: _l("Somebody was invited to an account"),
    What.MEMBER_JOINED: _l("Somebody got access to an account"),
    What.MEMBER_REMOVED: _l("Somebody’s access to an account was ended"),
    What.ROLE_CHANGED: _l("What somebody may do on an account was changed"),
    What.CONSENT_ASKED: _l("Somebody asks for access to your account"),
    What.AUTOPAY_ON: _l("Automatic payments were switched on"),
    What.AUTOPAY_OFF: _l("Automatic payments were switched off"),
    What.FROZEN: _l("The cabinet was locked"),
    What.UNFROZEN: _l("The cabinet was unlocked"),
    What.DATA_EXPORTED: _l("A copy of your data was made"),
    What.DELETION_ASKED: _l("Deletion of the cabinet was asked for"),
    What.CONSENT_GIVEN: _l("A consent was given"),
    What.CONSENT_WITHDRAWN: _l("A consent was withdrawn"),
    What.OPERATOR_ON: _l("The back office was opened to you"),
    What.OPERATOR_OFF: _l("The back office was closed to you"),
    What.OPERATOR_LOOKED: _l("You looked at the list of locked cabinets"),
    What.CONTROL_READ: _l("The control reading was marked as done"),
    What.READINGS_RELEASED: _l("You said that readings are yours; they count again"),
    What.REGISTER_READ: _l("You read in a bank’s register"),
    What.ALARM_CLOSED: _l("You closed an alarm about money"),
    What.SUSPENSE_DECIDED: _l("You decided about money in suspense"),
    What.REFUND_DECIDED: _l("You decided about a refund"),
    What.CREDIT_CORRECTED: _l("You corrected what was put to an account"),
}
#: Why an autopay ended, and what the person can do.
ENDINGS: dict[str, LazyString] = {
    "user": _l("You switched them off."),
    "card": _l("The card was removed. Save another one and switch them on again."),
    "frozen": _l("The cabinet was locked. Once it is open, switch them on again yourself."),
    "failures": _l("The bank did not let the payments through. Pay by hand, then choose a card."),
    "unlinked": _l("You may no longer pay for this account."),
}
#: A kind that this version does not know: another one has written it.
UNKNOWN = _l("Something else")


def ending(why: str) -> LazyString:
    """Why automatic payments ended, in words."""
    return ENDINGS.get(why, UNKNOWN)


def sentence(what: str) -> LazyString:
    """What happened, in words."""
    known = What(what) if what in set(What) else None
    return UNKNOWN if known is None else SENTENCES.get(known, UNKNOWN)
