"""The columns of a chart as SVG; templates/macros/chart.html puts them into a figure.

Drawn here and not in the template: a hundred numbers a chart, each a call there, were a tenth of
the dashboard.
"""

from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache

from markupsafe import Markup

from tesweb.layout.folding import html_of

#: Of the highest column, and of the room for the number above it, in pixels.
_HEIGHT = 150
_TOP = 22
_GROUND = _HEIGHT + _TOP
#: Where the labels below the ground stand.
_LABELS = _GROUND + 18
#: How much of a column's room it fills.
_FILLED = 0.68

#: Short label, long label, a volume for each part from the ground up, text above the column.
Bar = tuple[str, str, Sequence[Decimal], str]


def columns_of(bars: Sequence[Bar]) -> Markup:
    """A column for each bar, the highest as high as the chart, and the ground they stand on."""
    totals = [sum(volumes, Decimal(0)) for _, _, volumes, _ in bars]
    most = max(totals, default=Decimal(0)) or Decimal(1)
    highest = totals.index(most) if most in totals else 0
    drawn = []
    for index, (label, _, volumes, text) in enumerate(bars):
        left, middle = _slots(len(bars))[index]
        top = _GROUND
        for number, volume in enumerate(volumes, start=1):
            height = round(volume * _HEIGHT / most)
            top -= height
            if height:
                drawn.append(f'<rect {left} y="{top}" height="{height}" {_paint(number)}/>')
        # On a phone there is room for the numbers of every second column, the highest among them;
        # the labels of the others stand a line below.
        between = "between" if (index - highest) % 2 else ""
        drawn.append(f'<text class="{between}" {middle} y="{top - 6}">{html_of(text)}</text>')
        axis = f'class="axis {between}" {middle} y="{_LABELS}"'
        drawn.append(f"<text {axis}>{html_of(label)}</text>")
    drawn.append(f'<line class="base" x1="0" x2="100%" y1="{_GROUND}" y2="{_GROUND}"/>')
    return Markup("\n".join(drawn))  # noqa: S704 - numbers of ours, and texts that are escaped


@lru_cache(maxsize=32)
def _slots(count: int) -> tuple[tuple[str, str], ...]:
    """Where each of so many columns stands, and where its middle is."""
    slot = 100 / count
    return tuple(
        (
            f'x="{index * slot + slot * (1 - _FILLED) / 2:.2f}%" width="{slot * _FILLED:.2f}%"',
            f'x="{(index + 0.5) * slot:.2f}%"',
        )
        for index in range(count)
    )


def _paint(number: int) -> str:
    return 'class="z1"' if number == 1 else f'fill="url(#part-{number})"'
