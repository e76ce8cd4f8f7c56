"""The example of `docs/gateways.md` keeps the contract, and the page names what there is."""

import inspect
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from pydantic import SecretStr

from tests.testing.minibank import running_double
from tesweb.payments import protocol
from tesweb.testing.gateways import Driver, Fault, GatewayContract

PAGE = (Path(__file__).parents[2] / "docs" / "gateways.md").read_text("utf-8")
EXAMPLES = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


def written(*examples: str, **names: object) -> Any:  # noqa: ANN401 - whatever the page says
    """A module of what the page says."""
    module = ModuleType("minibank")
    # Pickle finds classes by their modules.
    sys.modules[module.__name__] = module
    vars(module).update(names)
    for example in examples:
        exec(compile(example, "docs/gateways.md", "exec"), vars(module))  # noqa: S102 - our own page
    return module


EXAMPLE = written(
    EXAMPLES[0],
    EXAMPLES[2],
    pytest=pytest,
    SecretStr=SecretStr,
    GatewayContract=GatewayContract,
    running_double=running_double,
)
TestOfThePage: type[GatewayContract] = EXAMPLE.TestMiniBank


def test_the_plugin_of_the_page_brings_it_once_it_has_its_secret() -> None:
    section = {"address": "https://bank.example", "secret": SecretStr("")}
    chosen = type("Settings", (), section)
    plugin = written(
        EXAMPLES[0],
        EXAMPLES[1],
        hookimpl=lambda hook: hook,
        settings_of=lambda _: chosen,
        MiniBankSettings=None,
    )
    assert plugin.gateways() == []
    chosen.secret = SecretStr("x")  # type: ignore[attr-defined]  # made above
    (gateway,) = plugin.gateways()
    assert isinstance(gateway, protocol.Gateway)


@pytest.mark.parametrize("fault", [fault for fault in Fault if fault is not Fault.REFUSED])
def test_the_page_tells_every_fault(fault: Fault) -> None:
    assert f"| `{fault.name}` |" in PAGE


@pytest.mark.parametrize(
    "name", [name for name, _ in inspect.getmembers(Driver, inspect.isfunction) if name[0] != "_"]
)
def test_the_page_tells_every_method_of_a_driver(name: str) -> None:
    assert f"`{name}(" in PAGE


@pytest.mark.parametrize("kind", [protocol.Refunds, protocol.Autopay, protocol.Register])
def test_the_page_tells_every_capability(kind: type) -> None:
    methods = [name for name, _ in inspect.getmembers(kind, inspect.isfunction) if name[0] != "_"]
    (row,) = re.findall(rf"^\| `{kind.__name__}` \|(.*)$", PAGE, re.MULTILINE)
    assert [name for name in methods if f"`{name}(" not in row] == []


@pytest.mark.parametrize("error", protocol.GatewayError.__subclasses__())
def test_the_page_tells_every_error(error: type) -> None:
    assert re.search(rf"^\| `{error.__name__}[`(]", PAGE, re.MULTILINE)
