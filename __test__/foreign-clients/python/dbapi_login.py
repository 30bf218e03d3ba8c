"""flightsql-dbapi: who is let in."""

import flightsql

from flightsql_calls import client
from steps import Steps, refusal, settings

steps = Steps()


def asked(**options):
    return flightsql.connect(client({**settings(), **options})).execute("SELECT id FROM known WHERE id = ?", (1,)).fetchall()


@steps.step("a user with the password")
def _():
    return asked(user="demo", password="secret")


@steps.step("a token")
def _():
    return asked(token="a-token")


@steps.step("a wrong password is refused")
def _():
    return refusal(lambda: asked(user="demo", password="wrong"))


@steps.step("an unknown user is refused")
def _():
    return refusal(lambda: asked(user="nobody", password="secret"))


@steps.step("a wrong token is refused")
def _():
    return refusal(lambda: asked(token="wrong"))


@steps.step("nobody is refused")
def _():
    return refusal(asked)


steps.run()
