"""Which language a page is in, and the catalogs and templates of each."""

from collections.abc import MutableMapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from babel.support import NullTranslations, Translations
from flask import Flask, current_app, g, has_app_context, request
from flask.sansio.app import App
from flask_babel import Babel, Domain
from jinja2 import Environment, Template
from jinja2.runtime import Context

from tesweb.identity.policy import visitor_or_none
from tesweb.identity.tokens import form_token
from tesweb.layout.assets import Assets
from tesweb.layout.charts import columns_of
from tesweb.layout.folding import FoldingEnvironment
from tesweb.layout.formats import FORMATS, format_rubles
from tesweb.layout.headers import Nonce
from tesweb.layout.links import Links
from tesweb.plugins import Plugins
from tesweb.resources import TRANSLATIONS

#: The languages of the pages; the first is for whoever says nothing.
LANGUAGES = ("ru", "en")
COOKIE = "__Host-language"


@dataclass(frozen=True, slots=True)
class Language:
    """A language with its Jinja environment: catalogs are bound once, not for each string."""

    code: str
    environment: Environment
    catalog: NullTranslations

    def template(self, name: str) -> Template:
        """A template whose `_()` speaks this language."""
        return self.environment.get_template(name)


class Messages(Domain):  # type: ignore[misc]  # the library has no types
    """Gives `gettext` the templates' catalogs; Flask-Babel would work out a locale each time."""

    def get_translations(self) -> NullTranslations:
        """The catalog of this request's language; outside of an application, none."""
        return language().catalog if has_app_context() else NullTranslations()


class FlatContext(Context):
    """Names of one rendering, without a note of which are globals: all templates have those."""

    def __init__(
        self,
        environment: Environment,
        parent: dict[str, Any],
        name: str | None,
        blocks: dict[str, Any],
        globals: MutableMapping[str, Any] | None = None,  # noqa: A002 - Jinja's own name
    ) -> None:
        """As Jinja makes it."""
        del globals
        super().__init__(environment, parent, name, blocks)


class FlatEnvironment(FoldingEnvironment):
    """Keeps templates, and gives every one the same plain dictionary of globals.

    Jinja gives each a chain of two dictionaries and copies it at each rendering, key by key; its
    own cache of templates locks and makes a weak reference at each look.
    """

    context_class = FlatContext

    def __init__(self, app: App, **options: Any) -> None:  # noqa: ANN401 - Jinja's own options
        """An environment as Flask makes it."""
        super().__init__(app, **options)
        self._found: dict[str, Template] = {}

    def get_template(
        self,
        name: str | Template,
        parent: str | None = None,
        globals: MutableMapping[str, Any] | None = None,  # noqa: A002 - Jinja's own name
    ) -> Template:
        """A template by its name; asked for from another one, it is the same."""
        if isinstance(name, Template) or globals or self.auto_reload:
            return super().get_template(name, parent, globals)
        if name not in self._found:
            self._found[name] = super().get_template(name, parent)
        return self._found[name]

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """The environment's globals themselves where a template adds none."""
        return {**self.globals, **d} if d else self.globals


def install(app: Flask, plugins: Plugins, assets: Assets) -> None:
    """Set up Flask-Babel and one Jinja environment for each language."""
    folders = [TRANSLATIONS]
    folders += [plugin.translations for plugin in plugins.active() if plugin.translations]
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = ";".join(map(str, folders))
    babel = Babel(app, locale_selector=language_code, default_locale=LANGUAGES[0])
    babel.domain_instance = Messages()
    catalogs = {code: _catalog(code, folders) for code in LANGUAGES}
    app.extensions["tesweb_languages"] = {
        code: Language(code, _environment(app, code, catalog, assets), catalog)
        for code, catalog in catalogs.items()
    }


def language() -> Language:
    """The language of this request."""
    found = g.get("tesweb_language")
    if found is None:
        found = g.tesweb_language = in_language(_choose())
    return cast("Language", found)


def in_language(code: str) -> Language:
    """One of LANGUAGES."""
    return cast("Language", current_app.extensions["tesweb_languages"][code])


def language_code() -> str:
    """`ru` or `en`: the user's choice, the browser's cookie, the browser's wish, or Russian."""
    return language().code


def _choose() -> str:
    person = visitor_or_none()
    if person is not None and person.language in LANGUAGES:
        return person.language
    chosen = request.cookies.get(COOKIE, "")
    if chosen in LANGUAGES:
        return chosen
    return request.accept_languages.best_match(LANGUAGES, LANGUAGES[0])


def _catalog(code: str, folders: list[Path]) -> NullTranslations:
    catalog = Translations()
    for folder in folders:
        found = Translations.load(str(folder), [code])
        if isinstance(found, Translations):
            catalog.merge(found)
            catalog.plural = found.plural  # `merge` leaves it out
    return catalog


def _environment(app: Flask, code: str, catalog: NullTranslations, assets: Assets) -> Environment:
    app.jinja_environment = FlatEnvironment
    environment = cast("FlatEnvironment", app.create_jinja_environment())
    environment.translate, environment.constants = catalog.gettext, {"asset": assets.url}
    environment.add_extension("jinja2.ext.i18n")
    environment.filters = app.jinja_env.filters
    environment.globals.update(app.jinja_env.globals)
    formats = FORMATS[code]
    environment.globals.update(
        language=code,
        nonce=Nonce(),
        csrf_token=form_token,
        url_for=Links(),
        asset=assets.url,
        columns_of=columns_of,
        format_rubles=format_rubles,
        format_date=formats.day,
        format_day=formats.day_of_year,
        format_month=formats.month,
        format_moment=formats.moment,
        format_kwh=formats.kwh,
        format_percent=formats.percent,
    )
    environment.install_gettext_callables(  # type: ignore[attr-defined]  # the i18n extension's own
        catalog.gettext, catalog.ngettext, newstyle=True
    )
    return environment
