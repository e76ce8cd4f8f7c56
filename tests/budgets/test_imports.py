"""What a server need not import to answer: each of these costs a tenth of a second or more."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = (
    "alembic",
    "playwright",
    "psycopg",
    "pytest",
    "sqlalchemy.dialects.postgresql",
    "webauthn",
)
IMPORT = "import tesweb.app"
#: Also what is imported late, by the application itself and by every bundled plugin.
START = "from tesweb.app import create_app; create_app()"


@pytest.mark.parametrize("code", [IMPORT, START])
def test_a_server_on_sqlite_leaves_heavy_modules_alone(code: str, tmp_path: Path) -> None:
    told = f"import sys; {code}; print(*(name for name in {HEAVY!r} if name in sys.modules))"
    clean = {name: text for name, text in os.environ.items() if not name.startswith("TESWEB_")}
    done = subprocess.run(
        [sys.executable, "-c", told],
        cwd=tmp_path,
        env=clean | {"TESWEB_FOLDER": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == []
