"""An import in a process of its own: prints its peak memory, or kills itself at a statement.

python subject.py ADDRESS REGION_TOML FILE [STATEMENT | reading]
"""

import json
import os
import resource
import signal
import sys
from pathlib import Path

from sqlalchemy import event

from tesweb.database.engine import Database
from tesweb.exchange.report import BadRowsFile
from tesweb.exchange.services import Importer
from tesweb.regions.region import Region

READING = "reading"
address, toml, file, *fatal = sys.argv[1:]
database = Database(address)


def read(_: int) -> None:
    if fatal == [READING]:
        os.kill(os.getpid(), signal.SIGKILL)


def die(_: object, __: object, statement: str, *___: object) -> None:
    if fatal[0] in " ".join(statement.split()):
        os.kill(os.getpid(), signal.SIGKILL)


if fatal:
    event.listen(database.writer, "after_cursor_execute", die)
region = Region.from_toml(Path(toml))
with BadRowsFile(None) as bad_rows:
    importer = Importer(database, {region.name: region})
    (report,) = importer.run([Path(file)], bad_rows, read)
database.close()
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
sys.stdout.write(json.dumps({"rows": report.rows, "failure": report.failure, "peak": peak}))
