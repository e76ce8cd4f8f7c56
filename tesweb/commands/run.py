"""`tesweb run`: serve for real, or say what is missing."""

import ipaddress
from collections.abc import Iterator

import click

from tesweb.commands.context import application, settings
from tesweb.config import SECRET_LENGTH, Settings
from tesweb.serve import hand_over, serve


@click.command()
@click.option(
    "--port", type=click.IntRange(1, 65535), help="Listen on this port instead of the setting's."
)
def run(port: int | None) -> None:
    """Serve the customer account to residents.

    Refuses to start without a secret, without tables or with older ones than this version wants,
    in debug or demo mode, or in clear on an address that others can reach. Each reason comes with
    its remedy. Run `tesweb db upgrade` first, and after every update. Ends with Ctrl+C.
    """
    chosen = settings()
    if port is not None:
        chosen = chosen.model_copy(update={"port": port})
    reasons = list(_unsafe(chosen))
    if reasons:
        raise click.ClickException("not started\n  " + "\n  ".join(reasons))
    application(chosen)
    hand_over(chosen)
    click.echo(f"serving {address_of(chosen)}", err=True)
    serve(chosen)


def address_of(chosen: Settings) -> str:
    """The address as a browser wants it."""
    scheme = "https" if chosen.tls_certificate else "http"
    host = "localhost" if _is_loopback(chosen.address) else chosen.address
    return f"{scheme}://{host}:{chosen.port}/"


def _unsafe(chosen: Settings) -> Iterator[str]:
    if len(chosen.secret_key.get_secret_value()) < SECRET_LENGTH:
        yield (
            "the secret is missing or short: put 64 characters into TESWEB_SECRET_KEY, as made by "
            'python3 -c "import secrets; print(secrets.token_hex(32))"'
        )
    if chosen.debug:
        yield "debug is on: take it out of tesweb.toml and TESWEB_DEBUG"
    if chosen.demo or chosen.pretend_now:
        yield "demo settings are on: take out demo and pretend_now"
    if (chosen.tls_certificate is None) != (chosen.tls_key is None):
        yield "tls_certificate and tls_key go together"
    in_clear = chosen.tls_certificate is None and chosen.trusted_proxies == 0
    if in_clear and not _is_loopback(chosen.address):
        yield (
            f"{chosen.address} would be served in clear: set tls_certificate and tls_key, or "
            "trusted_proxies where a proxy of yours speaks HTTPS"
        )


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return address == "localhost"
