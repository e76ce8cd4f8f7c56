"""The room's entry of the menu, by the same hook that a plugin has."""

from flask_babel import lazy_gettext as _l

from tesweb.hookspecs import NavigationItem, hookimpl


@hookimpl
def navigation() -> list[NavigationItem]:
    """Paying stands next to the readings."""
    return [
        NavigationItem(
            _l("Pay the bill"), _l("Pay"), "payments.of_account", "pay", 20, on_phone=True
        )
    ]
