"""Every route says who may call it, and every answer is protected."""

from flask import Flask

from tesweb.identity.policy import Policy, policy_of
from tesweb.testing.client import Client


def test_every_route_has_a_policy(app: Flask) -> None:
    bare = [
        rule.rule
        for rule in app.url_map.iter_rules()
        if not isinstance(policy_of(app.view_functions[rule.endpoint]), Policy)
    ]
    assert bare == []


def test_a_route_about_an_account_is_for_its_members(app: Flask) -> None:
    odd = [
        rule.rule
        for rule in app.url_map.iter_rules()
        if ("account_id" in rule.arguments)
        != (getattr(policy_of(app.view_functions[rule.endpoint]), "name", "") == "member")
    ]
    assert odd == []


def test_no_route_changes_anything_on_a_get(app: Flask) -> None:
    mixed = [
        rule.rule for rule in app.url_map.iter_rules() if {"GET", "POST"} <= (rule.methods or set())
    ]
    assert mixed == []  # a view of its own for each, so that none forgets to ask


def test_a_stranger_is_shown_no_private_page(app: Flask, client: Client) -> None:
    for rule in app.url_map.iter_rules():
        policy = policy_of(app.view_functions[rule.endpoint])
        assert policy is not None
        if policy.name == "anyone":
            continue
        url = rule.build(dict.fromkeys(rule.arguments, 1), append_unknown=False)
        assert url is not None
        for method in {"GET", "POST"} & (rule.methods or set()):
            answer = client.open(url[1], method=method, headers={"Sec-Fetch-Site": "same-origin"})
            assert answer.status_code in {303, 400}, f"{method} {rule.rule}: {answer.status}"
            if answer.status_code == 303:
                assert answer.location.startswith("/login"), rule.rule


def test_every_answer_carries_every_header(app: Flask, client: Client) -> None:
    app.testing = False
    for path in ("/login", "/", "/no/such/page", "/healthz", "/sw.js", "/manifest.webmanifest"):
        headers = client.get(path).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy, path
        assert "require-trusted-types-for 'script'" in policy, path
        assert "unsafe" not in policy, path
        assert headers["X-Content-Type-Options"] == "nosniff", path
        assert "max-age=63072000" in headers["Strict-Transport-Security"], path
        assert headers["Referrer-Policy"] == "same-origin", path
        assert "Cache-Control" in headers, path
