"""Where banks send their notifications: kept first, looked into by the clock."""

from flask import Response, abort, make_response, request

from tesweb.identity import policy
from tesweb.payments.janitor import LONGEST, NoSuchGateway, keep_notice
from tesweb.payments.protocol import GatewayError, Notification
from tesweb.payments.routes import blueprint


@blueprint.post("/<gateway>/notify")
@policy.anyone
def notify(gateway: str) -> Response:
    """Keep a notification and answer as its bank wants; 403 for one that is not the bank's."""
    if (request.content_length or 0) > LONGEST:
        abort(413)
    headers = {name.lower(): value for name, value in request.headers.items()}
    body = request.get_data(cache=False)
    try:
        answer = keep_notice(gateway, Notification(body, headers, request.remote_addr or ""))
    except NoSuchGateway:
        abort(404)
    except GatewayError:
        abort(403)
    response = make_response(answer, 200)
    response.mimetype = "text/plain"
    return response
