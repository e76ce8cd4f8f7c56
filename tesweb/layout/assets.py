"""Static files under names that hold their hash, compressed ahead, cached by browsers for ever."""

import hashlib
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast
from wsgiref.headers import Headers

from flask import Flask
from whitenoise import WhiteNoise
from whitenoise.compress import Compressor
from whitenoise.responders import StaticFile

from tesweb.layout import headers
from tesweb.plugins import Plugins
from tesweb.resources import STATIC

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

PREFIX = "/static/"
_POLICY = "Content-Security-Policy"
_HSTS = ("Strict-Transport-Security", headers.HSTS)
_FOREVER = "public, max-age=31536000, immutable"
#: Files that people read in the source and browsers never ask for.
_UNSERVED = {".md", ""}


class Files(WhiteNoise):  # type: ignore[misc]  # the library has no types
    """WhiteNoise, whose answers over HTTPS insist on HTTPS as the application's own do."""

    @staticmethod
    def serve(
        static_file: StaticFile, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Answer with a file: what WhiteNoise calls for each request for one."""

        def start(status: str, plain: list[tuple[str, str]]) -> Callable[[bytes], object]:
            return start_response(status, [*map(_upgraded, plain), _HSTS])

        is_secure = environ["wsgi.url_scheme"] == "https"
        found = WhiteNoise.serve(static_file, environ, start if is_secure else start_response)
        return cast("Iterable[bytes]", found)


@dataclass(frozen=True, slots=True)
class Assets:
    """The built files: where they lie and which name each source file has now."""

    folder: Path
    names: Mapping[str, str]

    def url(self, path: str) -> str:
        """The address of a static file; raises KeyError for one that is not there.

        A plugin's file is `<plugin>/<path below its static/>`.
        """
        return PREFIX + self.names[path]

    @property
    def version(self) -> str:
        """Changes when any file does."""
        return self.folder.name


def build(cache: Path, plugins: Plugins) -> Assets:
    """Copy every static file under its hashed name below `cache` and compress it, if not yet done.

    Several processes may do so at once: the folder appears whole, by a rename.
    """
    names, digest, sources = {}, hashlib.sha256(), {}
    for name, file in _sources(plugins):
        content = file.read_bytes()
        mark = hashlib.sha256(content).hexdigest()[:10]
        stem, dot, ending = name.rpartition(".")
        names[name] = f"{stem}.{mark}{dot}{ending}"
        sources[names[name]] = file
        digest.update(names[name].encode())
    folder = cache / f"static-{digest.hexdigest()[:12]}"
    if not folder.is_dir():
        _fill(folder, sources)
    return Assets(folder, names)


def install(app: Flask, assets: Assets) -> None:
    """Serve the built files before the application is asked, with the same protection."""
    app.extensions["tesweb_assets"] = assets
    app.wsgi_app = Files(  # type: ignore[method-assign]  # Flask's documented way to wrap it
        app.wsgi_app,
        root=str(assets.folder),
        prefix=PREFIX,
        max_age=None,
        allow_all_origins=False,
        add_headers_function=_protect,
    )


def _sources(plugins: Plugins) -> Iterator[tuple[str, Path]]:
    yield from _files(STATIC, "")
    for plugin in plugins.active():
        if plugin.static is not None:
            yield from _files(plugin.static, f"{plugin.name}/")


def _files(folder: Path, prefix: str) -> Iterator[tuple[str, Path]]:
    for file in sorted(folder.rglob("*")):
        if file.is_file() and file.suffix not in _UNSERVED:
            yield prefix + file.relative_to(folder).as_posix(), file


def _fill(folder: Path, sources: Mapping[str, Path]) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        draft = Path(scratch) / folder.name
        compressor = Compressor(quiet=True)
        for name, file in sources.items():
            target = draft / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target)
            if compressor.should_compress(target.name):
                list(compressor.compress(str(target)))
        try:
            draft.rename(folder)
        except OSError:
            if not folder.is_dir():
                raise


def _protect(response_headers: Headers, path: str, url: str) -> None:
    del path, url
    for name, value in headers.FIXED.items():
        response_headers[name] = value
    response_headers[_POLICY] = headers.STATIC_POLICY
    response_headers["Cache-Control"] = _FOREVER


def _upgraded(header: tuple[str, str]) -> tuple[str, str]:
    name, value = header
    return (name, value + headers.UPGRADE) if name == _POLICY else header
