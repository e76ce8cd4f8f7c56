"""`tesweb demo` leaves alone what runs already."""

import socket
from pathlib import Path

from tests.commands.processes import call


def test_a_port_that_is_taken_is_told_before_anything_is_emptied(tmp_path: Path) -> None:
    (tmp_path / "made-by-tesweb-demo").touch()
    (tmp_path / "kept").touch()
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        done = call(tmp_path, "demo", "--port", port, "--folder", str(tmp_path))
    assert done.returncode == 1
    assert f"port {port} is taken" in done.stderr
    assert (tmp_path / "kept").exists()
