"""The application, put together from top to bottom."""

import secrets
from collections.abc import Callable
from inspect import iscoroutinefunction, unwrap
from typing import Any

from flask import Blueprint, Flask, request
from flask_login import LoginManager
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from tesweb import hookspecs, htmx, transport
from tesweb.accounts import views as accounts
from tesweb.autopay import views as autopay
from tesweb.captcha import providers as captcha
from tesweb.captcha import views as captcha_media
from tesweb.cashier import views as cashier
from tesweb.clock import Clock, DemoClock, clock_at
from tesweb.config import Settings, load
from tesweb.current import Core
from tesweb.database.engine import Database
from tesweb.database.revisions import standings
from tesweb.factors import cards as offer
from tesweb.factors import views as factors
from tesweb.freeze import views as freeze
from tesweb.identity import policy
from tesweb.identity import views as identity
from tesweb.identity.limits import LoginLimit, storage_of
from tesweb.identity.safety import SAFE_METHODS, comes_from_elsewhere
from tesweb.identity.session import DatabaseSessions, current_session
from tesweb.identity.statements import Visitor
from tesweb.journal import views as journal
from tesweb.layout import assets, compression, dashboard, errors, headers, languages, shell
from tesweb.layout import views as layout
from tesweb.ledger import cards as ledger
from tesweb.ledger import views as late
from tesweb.messages import providers as messages
from tesweb.messages import views as inbox
from tesweb.operator import views as operator
from tesweb.payments import errands, gateways, menu
from tesweb.payments import views as payments
from tesweb.plugins import Plugins
from tesweb.profile import views as profile
from tesweb.recovery import views as recovery
from tesweb.recovery import ways
from tesweb.regions.region import Region
from tesweb.registration import views as registration
from tesweb.resources import TEMPLATES
from tesweb.routes import Route

#: Parts of the core that use the plugins' own hooks.
BUILT_IN = {
    "captcha": captcha,
    "dashboard": dashboard,
    "factors": offer,
    "ledger": ledger,
    "messages": messages,
    "payments": menu,
    "recovery": ways,
}
#: The core's own routes.
CORE_ROUTES = (
    identity.blueprint,
    dashboard.blueprint,
    layout.blueprint,
    accounts.blueprint,
    factors.blueprint,
    registration.blueprint,
    recovery.blueprint,
    captcha_media.blueprint,
    profile.blueprint,
    journal.blueprint,
    freeze.blueprint,
    operator.blueprint,
    cashier.blueprint,
    payments.blueprint,
    late.blueprint,
    autopay.blueprint,
)


#: A browser's report of a broken policy and a bank's notification have no form and no token; the
#: first changes nothing, the second is looked at by its gateway.
_FORMLESS = frozenset({None, "layout.report", "payments.notify"})


class Application(Flask):
    """Flask whose views are plain functions: it need not look at each of them at each request."""

    url_rule_class = Route

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """The function itself."""
        return func


class NoRegion(Exception):
    """No region plugin is usable, so there is nobody to be a customer of."""


def create_app(
    settings: Settings | None = None, clock: Clock | None = None, plugins: Plugins | None = None
) -> Flask:
    """The WSGI application; arguments replace what the settings would give. Raises NoRegion."""
    settings = settings or load()
    app = Application("tesweb", template_folder=str(TEMPLATES), static_folder=None)
    app.config.from_mapping(flask_settings(settings))
    parts = build_core(settings, clock, plugins)
    app.extensions["tesweb"] = parts
    headers.install(app)
    htmx.install(app)
    install_identity(app, parts)
    install_gateways(app, parts)
    errors.install(app)
    compression.install(app)
    register_blueprints(app, parts.plugins)
    if settings.demo:
        app.register_blueprint(inbox.blueprint)
    built = assets.build(settings.folder / "cache", parts.plugins)
    languages.install(app, parts.plugins, built)
    shell.install(app, parts.plugins)
    assets.install(app, built)
    if settings.trusted_hosts or transport.insists_on_https(settings):
        app.wsgi_app = transport.Door(app.wsgi_app, settings)  # type: ignore[method-assign]  # Flask's documented way
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, hops, hops, hops)  # type: ignore[method-assign]  # Flask's documented way
    return app


def flask_settings(settings: Settings) -> dict[str, object]:
    """Flask's and its extensions' settings, with ours filled in."""
    return {
        "SECRET_KEY": settings.secret_key.get_secret_value() or secrets.token_hex(32),
        "DEBUG": settings.debug,
        "MAX_CONTENT_LENGTH": 9 * 1024 * 1024,  # a photo of a meter and a little more
        "MAX_FORM_MEMORY_SIZE": 256 * 1024,
        "MAX_FORM_PARTS": 200,
        "WTF_CSRF_CHECK_DEFAULT": False,  # `guard_forms` does it
        "WTF_CSRF_TIME_LIMIT": None,  # a form left open over lunch still works
        "WTF_CSRF_SSL_STRICT": False,  # `comes_from_elsewhere` has looked at the origin
    }


def build_core(settings: Settings, clock: Clock | None, plugins: Plugins | None) -> Core:
    """Settings, database, plugins, clock and regions. Raises NoRegion."""
    if plugins is None:
        plugins = Plugins(settings.plugins)
        plugins.load(settings.plugins_off, settings.plugins_folder)
    for name, module in BUILT_IN.items():
        plugins.add(name, module)
    database = Database(settings.database_address)
    retire_strangers(database, plugins)
    regions = {region.name: region for region in installed_regions(plugins)}
    if not regions or (settings.default_region and settings.default_region not in regions):
        raise NoRegion(settings.default_region or "no region plugin is installed and working")
    told = clock_at(settings.pretend_now)
    of_visitors = DemoClock(told.shift) if settings.demo else told
    return Core(settings, database, plugins, clock or of_visitors, regions)


def retire_strangers(database: Database, plugins: Plugins) -> None:
    """Switch off plugins whose tables were made by a newer version than the one installed."""
    with database.read() as connection:
        found = [standing for standing in standings(connection, plugins) if standing.is_unknown]
    for standing in found:
        if standing.owner.name in plugins.known:
            reason = f"its tables are at revision {standing.present}, which it does not know"
            plugins.disable(standing.owner.name, reason)


def installed_regions(plugins: Plugins) -> list[Region]:
    """The regions of all plugins, by the plugins' names."""
    return [region for _, region in plugins.each(hookspecs.regions)]


def install_identity(app: Flask, parts: Core) -> None:
    """Sessions, Flask-Login, the form token, and the guard against other sites."""
    app.session_interface = DatabaseSessions()
    manager = LoginManager(app)
    manager.session_protection = None  # its address check signs people out between networks

    @manager.user_loader  # type: ignore[untyped-decorator]  # the library has no types
    def load_user(user_id: str) -> Visitor | None:
        visitor = current_session().visitor
        return visitor if visitor is not None and visitor.get_id() == user_id else None

    storage = storage_of(parts.settings.limits_storage, parts.database, parts.clock)
    app.extensions["tesweb_login_limit"] = LoginLimit(storage, parts.settings.login_attempts)
    guard_forms(app)


def install_gateways(app: Flask, parts: Core) -> None:
    """The gateways of all plugins; one that cannot be used switches its plugin off."""
    with app.app_context():
        found, faults = gateways.tellers(parts.plugins.each(hookspecs.gateways))
    parts.gateways.update(found)
    errands.install(app)
    for plugin, fault in faults.items():
        parts.plugins.disable(plugin, fault)


def guard_forms(app: Flask) -> None:
    """Before a view that may change something: where the form came from first, then its token."""
    tokens = CSRFProtect(app)

    @app.before_request
    def refuse_foreign_forms() -> None:
        if request.method in SAFE_METHODS or request.endpoint in _FORMLESS:
            return
        if comes_from_elsewhere(request):
            raise errors.ForeignForm
        tokens.protect()


def register_blueprints(app: Flask, plugins: Plugins) -> None:
    """The core's routes, then each plugin's; a plugin that breaks a rule is switched off."""
    for blueprint in CORE_ROUTES:
        app.register_blueprint(blueprint)
    brought: dict[str, list[Blueprint]] = {}
    for name, blueprint in plugins.each(hookspecs.blueprints):
        brought.setdefault(name, []).append(blueprint)
    for name, blueprints in brought.items():
        try:
            fault = fault_of(name, blueprints, app)
            for blueprint in () if fault else blueprints:
                app.register_blueprint(blueprint, url_prefix=f"/{name}")
        except Exception as error:
            fault = f"its routes cannot be used: {type(error).__name__}: {error}"
        if fault:
            plugins.disable(name, fault)


def fault_of(name: str, blueprints: list[Blueprint], app: Flask) -> str:
    """Why a plugin's routes cannot be used, tried beside the application's; empty where they can.

    Raises whatever a blueprint raises while it is registered.
    """
    trial = Application("trial", static_folder=None)
    trial.blueprints.update(app.blueprints)
    trial.view_functions.update(app.view_functions)
    for blueprint in blueprints:
        if blueprint.name != name:
            return f"its blueprint is called {blueprint.name!r}"
        trial.register_blueprint(blueprint, url_prefix=f"/{name}")
    views = trial.view_functions.items()
    unguarded = sorted(endpoint for endpoint, view in views if policy.policy_of(view) is None)
    if unguarded:
        return f"routes without a policy: {', '.join(unguarded)}"
    waiting = sorted(endpoint for endpoint, view in views if iscoroutinefunction(unwrap(view)))
    return f"views that are async: {', '.join(waiting)}" if waiting else ""
