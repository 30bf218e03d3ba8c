"""What a program does with a server, step by step: a JSON line for each says what came of it."""

import datetime
import decimal
import json
import sys


class Steps:
    """The steps of a program, in the order in which they were declared."""

    def __init__(self):
        self._steps = []

    def step(self, sentence):
        """Declares a step by a sentence that says what is to come of it."""

        def declare(body):
            self._steps.append((sentence, body))
            return body

        return declare

    def run(self, *arguments):
        """Takes every step, whatever came of those before."""
        for sentence, body in self._steps:
            try:
                line = {"step": sentence, "ok": True, "result": neutral(body(*arguments))}
            except Exception as error:
                line = {"step": sentence, "ok": False, "error": f"{type(error).__name__}: {error}"}
            print(json.dumps(line), flush=True)


def settings():
    """What the test says to the program: the server's port, and for some programs more."""
    return json.loads(sys.argv[1])


def refusal(body):
    """The error that a call must end with."""
    try:
        result = body()
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    raise AssertionError(f"it was not refused: {result!r}")


def neutral(value):
    """A value as JSON has it. JavaScript reads integers up to 53 bits, and JSON has no bytes."""
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    if isinstance(value, int):
        return value if abs(value) <= 2**53 else str(value)
    if isinstance(value, float):
        return value if value - value == 0 else str(value)
    if isinstance(value, (bytes, bytearray)):
        return "0x" + bytes(value).hex()
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    if isinstance(value, decimal.Decimal):
        return str(value)
    if isinstance(value, dict):
        return {str(key): neutral(entry) for key, entry in value.items()}
    if isinstance(value, type):
        return value.__name__
    return [neutral(entry) for entry in value]
