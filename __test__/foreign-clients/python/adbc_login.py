"""ADBC: who is let in."""

from adbc import connect, rows
from steps import Steps, refusal, settings

steps = Steps()
port = settings()["port"]

AUTHORIZATION = "adbc.flight.sql.authorization_header"


def asked(**options):
    with connect(port, **options) as connection:
        return rows(connection, "SELECT id FROM known WHERE id = ?", (1,))


@steps.step("a user with the password")
def _():
    return asked(username="demo", password="secret")


@steps.step("a token")
def _():
    return asked(**{AUTHORIZATION: "Bearer a-token"})


@steps.step("a wrong password is refused")
def _():
    return refusal(lambda: asked(username="demo", password="wrong"))


@steps.step("an unknown user is refused")
def _():
    return refusal(lambda: asked(username="nobody", password="secret"))


@steps.step("a wrong token is refused")
def _():
    return refusal(lambda: asked(**{AUTHORIZATION: "Bearer wrong"}))


@steps.step("nobody is refused")
def _():
    return refusal(asked)


steps.run()
