"""What the pages say about a device: no fingerprint, only what its owner recognises.

A library that knows every browser loads a megabyte of patterns to answer what eight words do.
"""

from flask import Request

#: In this order: a browser that pretends to be others comes before them.
_BROWSERS = (
    ("YaBrowser", "Yandex Browser"),
    ("EdgA", "Edge"),
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("CriOS", "Chrome"),
    ("FxiOS", "Firefox"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


def device_of(request: Request) -> str:
    """Browser and system, `Chrome, Android`; what is unknown is left out."""
    agent = request.headers.get("User-Agent", "")
    found = (
        next((name for mark, name in known if mark in agent), "") for known in (_BROWSERS, _SYSTEMS)
    )
    return ", ".join(filter(None, found))


def network_in_words(network: str) -> str:
    """The part of an address that the neighbours share, `203.0.113.*` of `203.0.113.0/24`."""
    start, _, length = network.partition("/")
    if not length:
        return ""
    return f"{start.removesuffix('0')}*" if "." in start else f"{start}*"
