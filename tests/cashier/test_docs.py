"""docs/money.md names every alarm, every column and every list, and its example is taken in."""

import re

from tests.architecture.source import ROOT
from tesweb.cashier.registers import OPTIONAL, REQUIRED, read
from tesweb.cashier.wording import ALARMS
from tesweb.payments.rules import Alarm

PAGE = (ROOT / "docs" / "money.md").read_text("utf-8")


def rows(section: str) -> set[str]:
    text = PAGE.split(f"# {section}\n")[1].split("\n## ")[0]
    return set(re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE))


def test_every_alarm_is_told_what_it_means_in_the_docs_and_on_the_page() -> None:
    assert rows("Alarms") == {alarm.value for alarm in Alarm}
    assert set(ALARMS) == set(Alarm)


def test_every_column_of_the_file_is_described() -> None:
    assert rows("The file") == {*REQUIRED, *OPTIONAL}


def test_the_example_is_a_good_register() -> None:
    [example] = re.findall(r"```csv\n(.*?)```", PAGE, re.DOTALL)
    assert [line.amount for line in read(example.encode())] == [1500_00, -600_00]
