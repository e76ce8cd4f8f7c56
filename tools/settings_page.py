"""Print docs/settings.md from the settings themselves."""

from tesweb.config import Settings

HEAD = """# Settings

In `tesweb.toml` in the folder where `tesweb` starts, or as variables: `TESWEB_PORT=8443` beats
`port = 8443`. An unknown key is an error. This page is made by `python tools/settings_page.py`.

| setting | default | why it is there |
|---|---|---|
"""
TAIL = """
A plugin's own settings stand in `[plugins.<name>]` or `TESWEB_PLUGINS__<NAME>__<KEY>`.
A section for a plugin that is not installed is an error too, unless `plugins_off` names the plugin.
"""


def page() -> str:
    """The whole page in Markdown."""
    rows = []
    for name, field in Settings.model_fields.items():
        default = str(field.get_default(call_default_factory=True))
        reason = " ".join((field.description or "").split())
        rows.append(f"| `{name}` | {f'`{default}`' if default.strip('*') else ''} | {reason} |")
    return HEAD + "\n".join(rows) + "\n" + TAIL


if __name__ == "__main__":
    print(page(), end="")  # noqa: T201 - it is a command
