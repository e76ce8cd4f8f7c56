"""Where the person is signed in, and how to end that."""

from dataclasses import dataclass
from datetime import datetime

from flask import Response, request, url_for

from tesweb import htmx
from tesweb.current import connection
from tesweb.database.rows import fetch
from tesweb.identity import policy
from tesweb.identity.devices import network_in_words
from tesweb.identity.session import current_session, hash_of
from tesweb.profile.routes import blueprint
from tesweb.profile.services import alive, end_everywhere, end_others, end_session, mark_of
from tesweb.profile.statements import SESSIONS


@dataclass(frozen=True, slots=True)
class Device:
    """A device on which the person is signed in."""

    mark: str
    #: `Chrome, Android`; empty where the browser says nothing we know.
    name: str
    #: `203.0.113.*`; empty where it is not known.
    network: str
    since: datetime
    seen_at: datetime
    is_this: bool


@blueprint.get("/devices")
@policy.fresh
@policy.signed_in
def devices() -> Response:
    """The list; only who has just proved who they are may throw others out (ASVS 5.0, 7.5.2)."""
    done = request.args.get("done", "")
    return htmx.render("profile/devices.html", devices=_devices(), done=done)


@blueprint.post("/devices/end")
@policy.fresh
@policy.signed_in
def end() -> Response:
    """End one."""
    end_session(policy.visitor(), request.form.get("device", ""))
    return htmx.redirect("profile.devices", done="one")


@blueprint.post("/devices/others")
@policy.fresh
@policy.signed_in
def others() -> Response:
    """End all but this one."""
    end_others(policy.visitor())
    return htmx.redirect("profile.devices", done="others")


@blueprint.post("/devices/all")
@policy.fresh
@policy.signed_in
def everywhere() -> Response:
    """End all, this one too."""
    end_everywhere(policy.visitor())
    response = htmx.leave(url_for("identity.login"))
    response.headers["Clear-Site-Data"] = '"storage"'
    return response


def _devices() -> list[Device]:
    own = hash_of(current_session().sid)
    rows = fetch(connection(), SESSIONS, alive(policy.visitor().id))
    found = [
        Device(
            mark_of(row.id_hash),
            row.device,
            network_in_words(row.network),
            row.created_at,
            row.seen_at,
            bytes(row.id_hash) == own,
        )
        for row in rows
    ]
    return sorted(found, key=lambda device: not device.is_this)
