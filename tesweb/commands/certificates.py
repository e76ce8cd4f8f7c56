"""`tesweb certificates`: HTTPS in one's own network, for a telephone that shall install the app."""

from importlib import import_module
from pathlib import Path

import click

from tesweb.commands.context import settings


@click.command()
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where to put the files; without it `certificates` in the folder of the settings.",
)
@click.option(
    "--host",
    "hosts",
    multiple=True,
    metavar="NAME",
    help="A further name or address of the server.",
)
@click.option("--force", is_flag=True, help="Replace the files that are there.")
def certificates(folder: Path | None, hosts: tuple[str, ...], *, force: bool) -> None:
    """Make a certificate for a trial over HTTPS at home.

    A local authority and a certificate of it for this machine, and how to use them.

    For a trial in one's own network: browsers and telephones trust the server once they trust the
    authority. A server for the public takes a certificate of a public authority instead. Refuses
    to replace what is there without --force. The authority's key is not kept, so nobody can steal
    it; a new certificate means to trust a new authority.
    """
    # The library takes 0.1 s to import, which no other command should wait for.
    maker = import_module("tesweb.certificates")
    target = (folder or settings().folder / "certificates").resolve()
    taken = [
        name for name in (maker.AUTHORITY, maker.CERTIFICATE, maker.KEY) if (target / name).exists()
    ]
    if taken and not force:
        raise click.ClickException(
            f"{target} holds {', '.join(taken)}; say --force to replace them, and trust the new "
            "authority on each telephone afterwards"
        )
    names = list(dict.fromkeys([*hosts, *maker.names_of_this_machine()]))
    try:
        maker.make(target, names)
    except (OSError, UnicodeError, ValueError) as error:
        raise click.ClickException(f"nothing was made: {error}") from error
    outside = [name for name in names if name not in {"localhost", "127.0.0.1", "::1"}]
    best = (
        hosts[0]
        if hosts
        else next((name for name in outside if name.endswith(".local")), "localhost")
    )
    click.echo(_advice(target, names, best, maker))


def _advice(folder: Path, names: list[str], best: str, maker: object) -> str:
    """What to do next, for a person."""
    authority, certificate, key = (
        folder / str(getattr(maker, part)) for part in ("AUTHORITY", "CERTIFICATE", "KEY")
    )
    # Werkzeug compares names and IPv4 addresses only.
    trusted = ", ".join(f'"{name}"' for name in names if ":" not in name)
    return f"""made for {", ".join(names)} in {folder}

For tesweb.toml:

  address = "0.0.0.0"
  port = 8443
  tls_certificate = "{certificate}"
  tls_key = "{key}"
  trusted_hosts = [{trusted}]
  public_address = "https://{best}:8443"

Put {authority.name}, and no other file, onto the telephone (by cable or by a letter to yourself):

  Android: Settings > Security > Encryption and credentials > Install a certificate > CA certificate
  iPhone: open the file, Settings > Profile downloaded > Install, then Settings > General > About >
          Certificate Trust Settings, and switch it on
  Chromium on a computer: Settings > Privacy and security > Security > Manage certificates

Then `tesweb run`, and open https://{best}:8443/ on the telephone.
Take the authority off the telephone when the trial is over."""
