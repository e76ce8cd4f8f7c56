"""What people read that stands in no template."""

from tesweb.api import Kopecks, format_rubles
from tesweb_sandbox_bank.brands import Brand
from tesweb_sandbox_bank.testcards import Outcome
from tesweb_sandbox_bank.texts import gettext as _


def title(brand: Brand | None) -> str:
    """A brand as people know it."""
    if brand is None:
        return ""
    return {"Mir": _("MIR"), "Visa": "Visa", "MasterCard": "Mastercard"}[brand.name]


def brand_title(name: str) -> str:
    """The same by the API's name."""
    return _("MIR") if name == "Mir" else name.replace("MasterCard", "Mastercard")


def sum_of(amount: int) -> str:
    """A sum for people."""
    return format_rubles(Kopecks(amount))


def reasons() -> dict[str, str]:
    """Why a payment did not come about, with the next step, by the API's word."""
    return {
        "3d_secure_failed": _("The payment was not confirmed by the code from the message."),
        "call_issuer": _("The bank declined the payment. Call the number on the card's back."),
        "card_expired": _("The card's term is over. Pay with another one."),
        "country_forbidden": _("Cards of this country are not taken. Pay with another one."),
        "expired_on_confirmation": _("The payment was not confirmed. Nothing was charged."),
        "fraud_suspected": _("The payment looks suspicious to the bank. Pay with another card."),
        "general_decline": _("The bank declined the payment and did not say why."),
        "insufficient_funds": _("There is not enough money on the card."),
        "invalid_card_number": _("The card's number is wrong."),
        "invalid_csc": _("The code on the back of the card is wrong."),
        "issuer_unavailable": _("The card's bank does not answer. Try again later."),
        "payment_method_limit_exceeded": _("The card's limit for payments is reached."),
        "payment_method_restricted": _("Operations with this card are not allowed."),
        "permission_revoked": _("The card's owner has forbidden further charges."),
    }


def reason(word: str) -> str:
    """Why a payment did not come about."""
    told = reasons()
    return told.get(word, told["general_decline"])


def outcome(found: Outcome) -> str:
    """What comes of a test card, for the list of them."""
    if found.asks_code:
        return _("Success after a code from a message")
    if found.is_good:
        return _("Success")
    return reason(found.reason)


def message(code: str, amount: int, shop: str) -> str:
    """The text message of 3-D Secure."""
    return _(
        "Code %(code)s. Payment %(sum)s, %(shop)s. Tell it to nobody.",
        code=code,
        sum=sum_of(amount),
        shop=shop,
    )
