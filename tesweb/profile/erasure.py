"""Forgetting a person as far as the law lets us."""

from tesweb.accounts.services import unlink
from tesweb.autopay.services import forget_person
from tesweb.current import core
from tesweb.identity.session import current_session, new_sid
from tesweb.identity.statements import Visitor
from tesweb.journal import services as journal
from tesweb.journal.rules import What
from tesweb.messages.services import Message, enqueue
from tesweb.payments.errands import forget_card
from tesweb.profile.plugged import forget
from tesweb.profile.services import region_of
from tesweb.profile.statements import (
    CONTACTS,
    WIPE_ADDRESSES,
    WIPE_REST,
    WIPE_USER,
    WITHDRAW_ALL,
)


def erase(person: Visitor) -> None:
    """Delete the cabinet; the person is signed out everywhere.

    Readings and receipts stay with the account, the journal and the consents' dates with a number
    that leads to nobody; plugins forget likewise. The last letters go to the addresses that are
    forgotten with them.
    """
    with core().database.work() as work:
        cards = forget_person(work, person.id)
        for account in person.accounts:
            unlink(work, person.id, account.id, quietly=True)
        contacts = work.execute(CONTACTS, {"user_id": person.id}).one()
        number = journal.record(work, person.id, What.DELETION_ASKED)
        addresses = [address for address in (contacts.email, contacts.phone) if address]
        for address in addresses:
            channel = "sms" if address.startswith("+") else "email"
            key = f"deleted {number} {channel}"
            values = {"name": person.name, "region": region_of(person)}
            enqueue(work, Message(key, channel, address, person.language, "deleted", values))
        me = {"owner": person.id, "moment": core().clock.now()}
        for statement in WIPE_REST:
            work.execute(statement, me)
        work.execute(WITHDRAW_ALL, me)
        work.execute(WIPE_ADDRESSES, {"addresses": addresses})
        work.execute(WIPE_USER, me | {"nobody": f"deleted {person.id}"})
        forget(work, core().plugins, person.id)
    for forgotten_id in cards:
        forget_card(forgotten_id)
    current_session().become(new_sid())
