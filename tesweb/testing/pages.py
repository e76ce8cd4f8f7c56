"""A page as a test reads it: its title, words, links and forms."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

_SILENT = frozenset({"script", "style", "template"})
_CHECKABLE = frozenset({"checkbox", "radio"})
_BUTTONS = frozenset({"submit", "button", "image", "reset"})


@dataclass(slots=True)
class Form:
    """A form with what a browser would send if it were submitted untouched."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    #: Every name that may be filled in, those that are not sent untouched too.
    names: set[str] = field(default_factory=set)
    #: Names and values of its buttons, in their order.
    buttons: list[tuple[str, str]] = field(default_factory=list)


class Page(HTMLParser):
    """What an HTML document says."""

    def __init__(self, html: str) -> None:
        """Read the document."""
        super().__init__()
        self.title = ""
        self.links: list[str] = []
        self.forms: list[Form] = []
        self._words: list[str] = []
        self._open: list[str] = []
        self._select = ""
        self._textarea = ""
        self.feed(html)
        self.close()

    @property
    def text(self) -> str:
        """All its words, each gap one plain space: no-break spaces are made plain too."""
        return " ".join(" ".join(self._words).split())

    def form(self, action: str) -> Form:
        """The form with this address. Raises LookupError that names those that are there."""
        for form in self.forms:
            if form.action == action:
                return form
        raise LookupError(f"{action!r} is none of {[form.action for form in self.forms]}")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Called by the parser."""
        given = {name: value or "" for name, value in attrs}
        if tag in _SILENT or tag == "title":
            self._open.append(tag)
        if tag == "a":
            self.links.append(given.get("href", ""))
        elif tag == "form":
            self.forms.append(Form(given.get("action", ""), given.get("method", "get").lower()))
        elif self.forms:
            self._field(tag, given, {name for name, _ in attrs})

    def handle_endtag(self, tag: str) -> None:
        """Called by the parser."""
        if self._open and self._open[-1] == tag:
            self._open.pop()
        if tag == "textarea":
            self._textarea = ""

    def handle_data(self, data: str) -> None:
        """Called by the parser."""
        if self._textarea:
            self.forms[-1].fields[self._textarea] += data
        elif self._open and self._open[-1] == "title":
            self.title += data.strip()
        elif not self._open:
            self._words.append(data)

    def _field(self, tag: str, given: dict[str, str], marks: set[str]) -> None:
        form, name = self.forms[-1], given.get("name", "")
        kind = given.get("type", "submit" if tag == "button" else "text")
        if tag == "option" and self._select:
            if "selected" in marks or self._select not in form.fields:
                form.fields[self._select] = given.get("value", "")
        elif tag == "button" or (tag == "input" and kind in _BUTTONS):
            form.buttons.append((name, given.get("value", "")))
        elif tag == "select":
            self._select = name
            form.names.add(name)
        elif tag == "textarea":
            self._textarea = name
            form.names.add(name)
            form.fields[name] = ""
        elif tag == "input" and name and "disabled" not in marks:
            form.names.add(name)
            if kind not in _CHECKABLE or "checked" in marks:
                form.fields[name] = given.get("value", "on" if kind in _CHECKABLE else "")
