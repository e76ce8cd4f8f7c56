"""`tesweb run`: serve for real, or say what is missing."""

import errno
import socket
from collections.abc import Iterator

import click

from tesweb.commands.context import application, settings
from tesweb.config import SECRET_LENGTH, Settings
from tesweb.redirect import redirect_in_background
from tesweb.serve import hand_over, serve
from tesweb.transport import is_loopback, is_reached_by_others


@click.command()
@click.option(
    "--port", type=click.IntRange(1, 65535), help="Listen on this port instead of the setting's."
)
def run(port: int | None) -> None:
    """Serve the customer account to residents.

    Refuses to start without a secret, without tables or with older ones than this version wants,
    in debug or demo mode, or on an address that others can reach in clear or under any name. Each
    reason comes with its remedy. Run `tesweb db upgrade` first, and after every update; `tesweb
    certificates` makes a certificate for a trial in your own network. Ends with Ctrl+C.
    """
    chosen = settings()
    if port is not None:
        chosen = chosen.model_copy(update={"port": port})
    reasons = list(_unsafe(chosen))
    if reasons:
        raise click.ClickException("not started\n  " + "\n  ".join(reasons))
    application(chosen)
    if _is_taken(chosen.address, chosen.port):
        reason = f"port {chosen.port} is in use: end the server that has it, or choose another port"
        raise click.ClickException(reason)
    hand_over(chosen)
    if chosen.http_port:
        try:
            redirect_in_background(chosen, chosen.http_port)
        except OSError as error:
            reason = f"http_port {chosen.http_port} cannot be listened on: {error.strerror}"
            raise click.ClickException(reason) from error
    click.echo(f"serving {address_of(chosen)}", err=True)
    serve(chosen)


def address_of(chosen: Settings) -> str:
    """The address as a browser wants it."""
    scheme = "https" if chosen.tls_certificate else "http"
    host = "localhost" if is_loopback(chosen.address) else chosen.address
    return f"{scheme}://{host}:{chosen.port}/"


def _is_taken(address: str, port: int) -> bool:
    """Whether somebody listens there; our server would share the port with another of its kind."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a port just left is free
        try:
            probe.bind((address, port))
        except OSError as error:
            return error.errno == errno.EADDRINUSE
    return False


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
    yield from _unsafe_for_others(chosen)
    yield from _unsafe_mail(chosen)
    yield from _incomplete(chosen)


def _unsafe_for_others(chosen: Settings) -> Iterator[str]:
    in_clear = chosen.tls_certificate is None and chosen.trusted_proxies == 0
    if in_clear and not is_loopback(chosen.address):
        yield (
            f"{chosen.address} would be served in clear: set tls_certificate and tls_key, or "
            "trusted_proxies where a proxy of yours speaks HTTPS"
        )
    if is_reached_by_others(chosen) and not chosen.trusted_hosts:
        yield (
            "trusted_hosts is empty: name the hosts that residents ask for, "
            '`trusted_hosts = ["lk.example.ru"]`; any other is answered 400'
        )
    if chosen.public_address.startswith("http://") and is_reached_by_others(chosen):
        yield "public_address is in clear: links in letters begin with https://"


def _unsafe_mail(chosen: Settings) -> Iterator[str]:
    if not chosen.smtp_host:
        return
    if not chosen.public_address:
        yield "public_address is empty: links in letters begin with it, https://lk.example.ru"
    if not chosen.mail_from:
        yield "mail_from is empty: name the sender of the letters, an address of your domain"
    if chosen.smtp_security == "none" and not is_loopback(chosen.smtp_host):
        yield "smtp_security is none: letters and the password go in clear; say starttls or tls"


def _incomplete(chosen: Settings) -> Iterator[str]:
    if (chosen.tls_certificate is None) != (chosen.tls_key is None):
        yield "tls_certificate and tls_key go together"
    if chosen.http_port and chosen.tls_certificate is None:
        yield "http_port answers with where HTTPS is: set tls_certificate and tls_key"
    for name in ("tls_certificate", "tls_key"):
        file = getattr(chosen, name)
        if file is not None and not file.is_file():
            yield f"{name}: there is no file {file}; `tesweb certificates` makes one for a trial"
