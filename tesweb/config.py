"""Every setting, typed, with the reason for it; read from tesweb.toml and TESWEB_* variables."""

from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, SecretStr
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

#: The smallest secret that cannot be guessed: 32 random bytes as hex.
SECRET_LENGTH = 64
#: Looked for in the present folder; it need not be there.
FILE = Path("tesweb.toml")


class Settings(BaseSettings):
    """The operator's choices. A variable `TESWEB_PORT=8443` beats `port = 8443` in the file."""

    model_config = SettingsConfigDict(
        env_prefix="TESWEB_",
        env_nested_delimiter="__",
        extra="forbid",
        frozen=True,
        use_attribute_docstrings=True,
    )

    folder: Path = Path("var")
    """Everything the server writes lies below it: the database, the compressed static files."""

    database: str = ""
    """SQLAlchemy address of the database; empty means SQLite in `folder`, enough for a village."""

    secret_key: SecretStr = SecretStr("")
    """Signs visitors' form tokens. `tesweb run` refuses to start without 64 or more characters."""

    address: str = "127.0.0.1"
    """Where to listen. Another address than loopback is served over TLS or behind a proxy only."""

    port: int = Field(default=8000, ge=1, le=65535)
    """The port to listen on."""

    workers: int = Field(default=1, ge=1, le=64)
    """Server processes; one per core is best, one is enough for a few thousand accounts."""

    tls_certificate: Path | None = None
    """The certificate chain in PEM; with `tls_key` the server speaks HTTPS and HTTP/2 itself."""

    tls_key: Path | None = None
    """The certificate's private key in PEM."""

    http_port: int = Field(default=0, ge=0, le=65535)
    """Where requests in clear are told to come by HTTPS, 80 as a rule; 0 means nowhere. Only with
    `tls_certificate`: a proxy in front does it itself."""

    trusted_proxies: int = Field(default=0, ge=0, le=3)
    """How many proxies of yours stand in front and set `X-Forwarded-*`; a wrong count lets a
    stranger choose the address that the rate limit counts."""

    trusted_hosts: list[str] = []
    """The host names this server answers to, others get 400; empty means any, for a trial on one
    machine. `tesweb run` wants them where others can reach it."""

    debug: bool = False
    """Show tracebacks in the browser. `tesweb run` refuses it: a traceback shows personal data."""

    default_region: str = ""
    """The region a visitor sees before signing in; empty means the first by name."""

    plugins_folder: Path | None = None
    """A folder of further plugins. It is code: only you may be able to write there."""

    plugins_off: list[str] = []
    """Names of plugins that are not even imported."""

    plugins: dict[str, dict[str, Any]] = {}
    """A section for each plugin, checked against what the plugin declares."""

    login_attempts: int = Field(default=10, ge=1)
    """Wrong passwords allowed for one login within five minutes; ten times as many for its
    network; a hundred times as many from everywhere bring a captcha to new browsers."""

    session_idle_minutes: int = Field(default=60 * 24 * 14, ge=5)
    """A session ends after so long without a request; people send readings once a month."""

    session_days: int = Field(default=90, ge=1)
    """A session ends after so many days whatever happens, so a lost phone is not for ever."""

    public_address: str = Field(default="", pattern=r"^(https?://[^/\s]+)?$")
    """How the outside reaches this server, `https://lk.example.ru`: each link in a letter begins
    with it. `tesweb run` refuses e-mail without it."""

    smtp_host: str = ""
    """The mail server that takes our letters; empty means no e-mail."""

    smtp_port: int = Field(default=587, ge=1, le=65535)
    """Its port: 587 with STARTTLS, 465 with TLS from the start."""

    smtp_user: str = ""
    """The name to sign in with at the mail server; empty means none is asked."""

    smtp_password: SecretStr = SecretStr("")
    """The password for it."""

    smtp_security: Literal["starttls", "tls", "none"] = "starttls"
    """How the way to the mail server is protected; `none` is for loopback only."""

    mail_from: str = ""
    """The sender of our letters, an address of your domain."""

    limits_storage: str = Field(default="", pattern=r"^(rediss?://\S+)?$")
    """A Redis that counts attempts, `redis://127.0.0.1:6379/0`; empty means the database does."""

    sms_daily: int = Field(default=1000, ge=0)
    """Text messages that people may ask for in a day, all together: each costs money, and fraud
    lives on asking for them. Numbers that are nobody's here yet get half of them at most."""

    captchas: list[str] = ["work", "picture"]
    """What keeps programs out of the forms of strangers, by name; one that is solved is enough.
    `picture` is for browsers without JavaScript. Empty means none, where a firewall does it."""

    pretend_now: datetime | None = None
    """Start the clock at this moment; for the demo and for tests, refused by `tesweb run`."""

    demo: bool = False
    """A demonstration: says so on each page. `tesweb run` refuses it."""

    @property
    def database_address(self) -> str:
        """The address of the database, the default one filled in."""
        return self.database or f"sqlite:///{self.folder.resolve() / 'tesweb.db'}"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments beat variables, variables beat the file; no `.env` is read."""
        del dotenv_settings, file_secret_settings
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, FILE)


def load(**overrides: Any) -> Settings:  # noqa: ANN401 - any setting
    """The settings of this process; `overrides` beat the environment and the file.

    Raises pydantic.ValidationError that names each wrong or unknown setting.
    """
    return Settings(**overrides)
