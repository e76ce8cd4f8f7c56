"""A process that pays while its disk fails: prints how each of its requests was answered.

python disk_subject.py FACTS, as JSON: `settings`, `moment`, `bank` (a file), `sid`, `order_id`.
"""

import json
import logging
import sys
from datetime import datetime
from pathlib import Path
from typing import cast

from sqlalchemy.exc import DBAPIError

from tests.payments.paper_bank import PaperGateway, nobody
from tesweb.app import create_app
from tesweb.clock import FixedClock
from tesweb.current import Core
from tesweb.identity import session
from tesweb.payments import engine
from tesweb.payments.gateways import Teller
from tesweb.testing.client import Client
from tesweb.testing.fixtures import TestSettings

logging.basicConfig(level=logging.ERROR)
facts = json.loads(sys.argv[1])
app = create_app(
    TestSettings(**facts["settings"]), clock=FixedClock(datetime.fromisoformat(facts["moment"]))
)
app.test_client_class = Client
core = cast("Core", app.extensions["tesweb"])
core.gateways["memory"] = Teller(PaperGateway(nobody(), file=Path(facts["bank"])))
client = cast("Client", app.test_client())
client.set_cookie(session.COOKIE, facts["sid"], secure=True, httponly=True, samesite="Lax")
answers: dict[str, object] = {"page": client.get("/pay").status_code}
sent = client.submit(facts["form"], "/pay", {"form_key": facts["form_key"]})
answers |= {"sent": sent.status_code, "retry": sent.headers.get("Retry-After")}
with app.app_context():
    try:
        answers["learnt"] = engine.advance(facts["order_id"], hurry=True)
    except DBAPIError as error:
        answers["learnt"] = type(error).__name__
sys.stdout.write(json.dumps(answers))
