"""Where somebody goes on who cannot sign in."""

from flask_babel import lazy_gettext as _l

from tesweb import hookspecs


@hookspecs.hookimpl
def login_help() -> list[hookspecs.LoginHelp]:
    """A new password, or a way in without the old address and the second factor."""
    return [
        hookspecs.LoginHelp(_l("Forgot the password?"), "recovery.start", 10),
        hookspecs.LoginHelp(
            _l("No access to the old mail, or to the second step?"), "recovery.access", 20
        ),
    ]
