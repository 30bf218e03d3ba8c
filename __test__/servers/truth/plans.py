"""Queries whose FlightInfo has other than one endpoint on the same connection."""

from dataclasses import dataclass, field

import pyarrow.flight as flight

from cases import Case
from nullability import strict_and_loose
from streams import numbers, stream

# The ticket of a stream with one row: the authorization header that came with it, or null.
AUTHORIZATION = "authorization"
REUSE_CONNECTION = "arrow-flight-reuse-connection://?"


@dataclass(frozen=True)
class Plan:
    """`parts` are the streams in endpoint order, each with the locations that its endpoint names."""

    name: str
    parts: list
    elsewhere: list = field(default_factory=list)
    with_schema: bool = True
    ordered: bool = True
    totals: tuple = (-1, -1)
    # Locations of endpoints that answer with the authorization that reached them.
    authorization_at: list = field(default_factory=list)
    # The result as it is handed on, where the parts differ in their schemas.
    result: Case = None

    @property
    def here(self):
        return [case for case, _ in self.parts if case not in self.elsewhere]

    def whole(self):
        if self.result:
            return self.result
        cases = [case for case, _ in self.parts]
        return Case(self.name, cases[0].schema, [batch for case in cases for batch in case.batches])

    def flight_info(self, descriptor):
        endpoints = [flight.FlightEndpoint(case.name, locations) for case, locations in self.parts]
        endpoints += [flight.FlightEndpoint(AUTHORIZATION, locations) for locations in self.authorization_at]
        schema = self.parts[0][0].schema if self.with_schema and self.parts else None
        return flight.FlightInfo(schema, descriptor, endpoints, *self.totals, ordered=self.ordered)


def plans(port, elsewhere_port):
    here, elsewhere = f"grpc://127.0.0.1:{port}", f"grpc://127.0.0.1:{elsewhere_port}"
    # Port 1 is reserved and refuses at once.
    unreachable = "grpc://127.0.0.1:1"

    def part(plan, index, *batches):
        return stream(f"{plan} / part {index}", *batches, schema=numbers(0).schema)

    def split(plan, *locations):
        """Four endpoints, two of them without rows: one without batches, one with an empty batch."""
        batches = [[numbers(5), numbers(3, 5)], [], [numbers(0)], [numbers(4, 8)]]
        return [(part(plan, index, *given), list(locations)) for index, given in enumerate(batches)]

    for name, options in {
        "several endpoints": {},
        "several endpoints, unordered": {"ordered": False},
        "several endpoints without a schema": {"with_schema": False},
        "several endpoints with totals": {"totals": (12, 96)},
    }.items():
        yield Plan(name, split(name), **options)

    for name, locations in {
        "own location": [here],
        "unreachable location first": [unreachable, here],
        "two unreachable locations first": [unreachable, "grpc://127.0.0.1:2", here],
        "reuse of the connection": [REUSE_CONNECTION],
        "unreachable, then reuse of the connection": [unreachable, REUSE_CONNECTION],
    }.items():
        yield Plan(name, split(name, *locations))

    name = "a second server"
    parts = [(part(name, 0, numbers(3)), []), (part(name, 1, numbers(2, 3)), [elsewhere])]
    yield Plan(name, parts, elsewhere=[parts[1][0]])
    name = "a second server, after an unreachable one"
    parts = [(part(name, 0, numbers(3)), [unreachable, elsewhere])]
    yield Plan(name, parts, elsewhere=[parts[0][0]])
    name = "one hundred endpoints"
    yield Plan(name, [(part(name, index, numbers(10, 10 * index)), []) for index in range(100)])
    for name, order in {"nulls in the second endpoint only": 1, "nulls in the first endpoint only": -1}.items():
        # What is not null is said to be never null.
        batches, result = strict_and_loose(order)
        parts = [(stream(f"{name} / part {index}", batch), []) for index, batch in enumerate(batches)]
        yield Plan(name, parts, result=Case(name, result[0].schema, result))
    name = "only an unreachable location"
    yield Plan(name, [(part(name, 0, numbers(3)), []), (part(name, 1, numbers(2, 3)), [unreachable])])
    yield Plan("authorization at home and at the same host", [], authorization_at=[[], [elsewhere]])
    yield Plan("authorization at another host", [], authorization_at=[["grpc://elsewhere.invalid:443"]])
