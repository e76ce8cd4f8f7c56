"""What the bank keeps. Nothing here has a place for a card's number, its term or a code."""

from dataclasses import dataclass, field
from typing import Any

Body = dict[str, Any]


@dataclass(slots=True)
class Payment:
    """A payment from its order to its end."""

    id: str
    created_at: str
    #: Kopecks.
    amount: int
    status: str = "pending"
    #: Take the money at once; else hold it until the shop asks for it.
    capture: bool = False
    #: `bank_card`, `sbp`, or empty until the payer has chosen.
    method: str = ""
    #: The payment method's own number; a saved one can be charged again by it.
    method_id: str = ""
    save_method: bool = False
    is_saved: bool = False
    #: `redirect`, `qr`, or empty where nobody has to confirm.
    confirmation: str = ""
    return_url: str = ""
    description: str = ""
    customer: str = ""
    metadata: Body = field(default_factory=dict)
    is_paid: bool = False
    refunded: int = 0
    captured_at: str = ""
    #: When it ends by itself in its present state; empty means never.
    expires_at: str = ""
    party: str = ""
    reason: str = ""
    #: The first six and the last four digits and the brand.
    card: Body | None = None
    receipt: Body | None = None
    receipt_registration: str = ""
    payment_order: Body | None = None
    #: What its SBP link is known by.
    qr: str = ""


@dataclass(slots=True)
class Refund:
    """Money on its way back."""

    id: str
    created_at: str
    payment_id: str
    amount: int
    status: str = "succeeded"
    description: str = ""
    metadata: Body = field(default_factory=dict)
    party: str = ""
    reason: str = ""
    receipt: Body | None = None
    receipt_registration: str = ""


@dataclass(slots=True)
class Receipt:
    """A fiscal receipt; its numbers come when the till has registered it."""

    id: str
    created_at: str
    #: `payment` or `refund`.
    type: str
    payment_id: str
    refund_id: str
    #: What was asked for: items, settlements, tax system.
    asked: Body
    status: str = "pending"
    #: When the till will have it.
    expires_at: str = ""
    registered_at: str = ""
    number: int = 0


@dataclass(slots=True)
class Method:
    """A saved card: a number of our own, good for further charges by this shop."""

    id: str
    created_at: str
    card: Body
    status: str = "active"


@dataclass(slots=True)
class Notice:
    """A notification that is to reach the shop."""

    id: int
    body: str
    created_at: str
    attempts: int
    copies: int


Thing = Payment | Refund | Receipt | Method
