"""E-mail by the operator's mail server."""

import smtplib
import ssl
from contextlib import suppress
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr

from tesweb.clock import Clock
from tesweb.config import Settings
from tesweb.messages.protocol import NotSent, Refused, Unreachable
from tesweb.transport import is_loopback

#: How long the mail server may take for one answer, in seconds.
_PATIENCE = 15
_NEVER = 500


@dataclass(frozen=True, slots=True)
class Mail:
    """The channel `email`."""

    settings: Settings
    clock: Clock
    name = "email"

    def send(self, recipient: str, subject: str, text: str, key: str) -> None:
        """Hand a letter to the mail server. Raises NotSent, Unreachable or Refused."""
        sender = self.settings.mail_from
        letter = compose(sender, recipient, subject, text, key)
        letter["Date"] = format_datetime(self.clock.now())
        server = self._connect()
        try:
            server.send_message(letter, parseaddr(sender)[1], [recipient])
        except smtplib.SMTPRecipientsRefused as error:
            raise _judged(next(iter(error.recipients.values()))[0]) from None
        except smtplib.SMTPDataError as error:
            raise _judged(error.smtp_code) from None
        except OSError as error:  # the library's own errors are among these
            raise _unreachable(error) from None
        else:
            # It is taken: whatever happens to the farewell, it must not be sent again.
            with suppress(OSError):
                server.quit()
        finally:
            server.close()

    def _connect(self) -> smtplib.SMTP:
        settings = self.settings
        place = (settings.smtp_host, settings.smtp_port)
        checked = ssl.create_default_context()
        if settings.smtp_security == "none" and not is_loopback(settings.smtp_host):
            raise Unreachable("smtp_security `none` is for loopback only")
        try:
            if settings.smtp_security == "tls":
                server: smtplib.SMTP = smtplib.SMTP_SSL(*place, timeout=_PATIENCE, context=checked)
            else:
                server = smtplib.SMTP(*place, timeout=_PATIENCE)
            try:
                if settings.smtp_security == "starttls":
                    server.starttls(context=checked)
                if settings.smtp_user:
                    server.login(settings.smtp_user, settings.smtp_password.get_secret_value())
            except OSError:
                server.close()
                raise
        except OSError as error:
            raise _unreachable(error) from None
        return server


def compose(sender: str, recipient: str, subject: str, text: str, key: str) -> EmailMessage:
    """A letter in plain text. Raises Refused for an address that is none."""
    letter = EmailMessage(SMTP)
    try:
        letter["To"] = Address(addr_spec=recipient)
    except (ValueError, IndexError):  # the parser's errors; some of its faults are IndexErrors
        raise Refused("the address is none") from None
    letter["From"] = sender
    letter["Subject"] = " ".join(subject.split())
    # The same each time the letter is tried: a mailbox that got it twice shows it once.
    letter["Message-ID"] = f"<{key[:40]}@{parseaddr(sender)[1].rpartition('@')[2]}>"
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(text, charset="utf-8")
    return letter


def _judged(code: int) -> Exception:
    if code >= _NEVER:
        return Refused(f"the mail server answered {code}")
    return NotSent(f"the mail server answered {code}")


def _unreachable(error: OSError) -> Unreachable:
    # Its text may hold the address or the server's words about it.
    return Unreachable(f"the mail server: {type(error).__name__}")
