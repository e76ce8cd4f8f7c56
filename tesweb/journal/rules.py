"""What can happen to a cabinet, and whom it is told."""

from enum import StrEnum


class What(StrEnum):
    """A kind of security event."""

    REGISTERED = "registered"
    SIGNED_IN = "signed_in"
    NEW_DEVICE = "new_device"
    SIGN_IN_FAILED = "sign_in_failed"
    #: The password was right, the second step was not.
    FACTOR_FAILED = "factor_failed"
    SIGNED_OUT = "signed_out"
    SESSION_ENDED = "session_ended"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - no password
    RECOVERY_STARTED = "recovery_started"
    RECOVERY_STOPPED = "recovery_stopped"
    RECOVERED = "recovered"
    OFFICE_STARTED = "office_started"
    OFFICE_CONFIRMED = "office_confirmed"
    OFFICE_STOPPED = "office_stopped"
    EMAIL_CHANGED = "email_changed"
    PHONE_CHANGED = "phone_changed"
    PASSKEY_ADDED = "passkey_added"
    PASSKEY_REMOVED = "passkey_removed"
    PASSKEY_COPIED = "passkey_copied"
    TOTP_ADDED = "totp_added"
    TOTP_REMOVED = "totp_removed"
    CODES_MADE = "codes_made"
    CODE_USED = "code_used"
    ACCOUNT_LINKED = "account_linked"
    ACCOUNT_UNLINKED = "account_unlinked"
    MEMBER_INVITED = "member_invited"
    MEMBER_JOINED = "member_joined"
    MEMBER_REMOVED = "member_removed"
    ROLE_CHANGED = "role_changed"
    CONSENT_ASKED = "consent_asked"
    AUTOPAY_ON = "autopay_on"
    AUTOPAY_OFF = "autopay_off"
    FROZEN = "frozen"
    UNFROZEN = "unfrozen"
    DATA_EXPORTED = "data_exported"
    DELETION_ASKED = "deletion_asked"
    CONSENT_GIVEN = "consent_given"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    OPERATOR_ON = "operator_on"
    OPERATOR_OFF = "operator_off"
    OPERATOR_LOOKED = "operator_looked"
    CONTROL_READ = "control_read"
    READINGS_RELEASED = "readings_released"
    REGISTER_READ = "register_read"
    ALARM_CLOSED = "alarm_closed"
    SUSPENSE_DECIDED = "suspense_decided"
    REFUND_DECIDED = "refund_decided"
    CREDIT_CORRECTED = "credit_corrected"


#: What somebody who has the password may repeat at will; a text message costs money.
REPEATED = frozenset({What.NEW_DEVICE})
#: How many text messages a day tell of what can be repeated; letters tell each.
MOST_TEXTS = 3

#: What is only written down: the person did it just now, on a device that is known.
QUIET = frozenset(
    {
        What.REGISTERED,
        What.SIGNED_IN,
        What.SIGN_IN_FAILED,
        What.FACTOR_FAILED,
        What.SIGNED_OUT,
        What.SESSION_ENDED,
        What.CONSENT_GIVEN,
        What.CONSENT_WITHDRAWN,
        # Has letters of its own: there is no cabinet left to lock.
        What.DELETION_ASKED,
        # Has messages of its own too, with the link that stops it.
        What.OFFICE_STARTED,
        What.OPERATOR_LOOKED,
        What.CONTROL_READ,
        What.READINGS_RELEASED,
        # What operators do with money; whom it concerns gets a message of its own.
        What.REGISTER_READ,
        What.ALARM_CLOSED,
        What.SUSPENSE_DECIDED,
        What.REFUND_DECIDED,
        What.CREDIT_CORRECTED,
    }
)
