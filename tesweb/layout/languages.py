"""Which language a page is in, and the catalogs and templates of each."""

from dataclasses import dataclass
from typing import cast

from babel.support import NullTranslations, Translations
from flask import Flask, current_app, g, request
from flask_babel import Babel
from jinja2 import Environment, Template

from tesweb.identity.policy import visitor_or_none
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

    def template(self, name: str) -> Template:
        """A template whose `_()` speaks this language."""
        return self.environment.get_template(name)


def install(app: Flask, plugins: Plugins) -> None:
    """Set up Flask-Babel and one Jinja environment for each language."""
    folders = [TRANSLATIONS]
    folders += [plugin.translations for plugin in plugins.active() if plugin.translations]
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = ";".join(map(str, folders))
    Babel(app, locale_selector=language_code, default_locale=LANGUAGES[0])
    app.extensions["tesweb_languages"] = {
        code: Language(code, _environment(app, _catalog(code, [str(f) for f in folders])))
        for code in LANGUAGES
    }


def language() -> Language:
    """The language of this request."""
    languages = cast("dict[str, Language]", current_app.extensions["tesweb_languages"])
    return languages[language_code()]


def language_code() -> str:
    """`ru` or `en`: the user's choice, the browser's cookie, the browser's wish, or Russian."""
    if "tesweb_language" not in g:
        g.tesweb_language = _choose()
    return cast("str", g.tesweb_language)


def _choose() -> str:
    chosen = request.cookies.get(COOKIE, "")
    if chosen in LANGUAGES:
        return chosen
    person = visitor_or_none()
    if person is not None and person.language in LANGUAGES:
        return person.language
    return request.accept_languages.best_match(LANGUAGES, LANGUAGES[0])


def _catalog(code: str, folders: list[str]) -> NullTranslations:
    catalog = Translations()
    for folder in folders:
        found = Translations.load(folder, [code])
        if isinstance(found, Translations):
            catalog.merge(found)
    return catalog


def _environment(app: Flask, catalog: NullTranslations) -> Environment:
    environment = app.jinja_env.overlay(cache_size=400)
    environment.globals = dict(app.jinja_env.globals)
    environment.install_gettext_callables(  # type: ignore[attr-defined]  # the i18n extension's own
        catalog.gettext, catalog.ngettext, newstyle=True
    )
    return environment
