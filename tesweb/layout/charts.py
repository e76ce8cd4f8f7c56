"""Where the columns of a chart stand; templates/macros/chart.html draws them."""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

#: Of the highest column, and of the room for the number above it, in pixels.
HEIGHT = 150
TOP = 22
#: How much of a column's room it fills.
_FILLED = 0.68

#: Short label, long label, a volume for each part from the ground up, text above the column.
Bar = tuple[str, str, Sequence[Decimal], str]


class Part(NamedTuple):
    """A rectangle of a column."""

    #: 1 for the lowest part.
    number: int
    #: Pixels from the top, and high.
    y: int
    height: int


class Column(NamedTuple):
    """A column with its texts; as a tuple, because a template unpacks it quickest."""

    #: Percent of the chart's width.
    left: float
    middle: float
    #: Of the text above, in pixels from the top.
    text_y: int
    text: str
    label: str
    #: Its texts are left out where there is room for every second one only.
    between: bool
    parts: list[Part]


class Chart(NamedTuple):
    """All columns, and how wide each is in percent."""

    width: float
    columns: list[Column]


def chart_of(bars: Sequence[Bar]) -> Chart:
    """The columns for bars, the highest as high as the chart."""
    slot = 100 / (len(bars) or 1)
    most = max([sum(volumes) for _, _, volumes, _ in bars], default=0) or 1
    columns = []
    for index, (label, _, volumes, text) in enumerate(bars):
        parts, y = [], HEIGHT + TOP
        for number, volume in enumerate(volumes, start=1):
            height = round(volume * HEIGHT / most)
            y -= height
            if height:
                parts.append(Part(number, y, height))
        middle = (index + 0.5) * slot
        left = round(middle - slot * _FILLED / 2, 2)
        between = (len(bars) - 1 - index) % 2 == 1
        columns.append(Column(left, round(middle, 2), y - 6, text, label, between, parts))
    return Chart(round(slot * _FILLED, 2), columns)
