"""Where files that are not Python lie: beside the package in a checkout, inside it in a wheel."""

from pathlib import Path

PACKAGE = Path(__file__).parent
#: The folder that holds `templates/`, `static/` and `manifest.webmanifest`.
ROOT = PACKAGE if (PACKAGE / "templates").is_dir() else PACKAGE.parent
TEMPLATES = ROOT / "templates"
STATIC = ROOT / "static"
MANIFEST = ROOT / "manifest.webmanifest"
TRANSLATIONS = PACKAGE / "translations"
MIGRATIONS = PACKAGE / "database" / "versions"
#: First-party plugins, each a distribution of its own; an installed copy replaces the bundled one.
BUNDLED_PLUGINS = ROOT / ("plugins.d" if ROOT == PACKAGE else "plugins")
