"""An Arrow Flight server that serves what pyarrow made, as is: `server.py PORT ELSEWHERE_PORT FOLDER`.

The query `CASE` (or the ticket of that name) gives the case's stream. Into FOLDER go index.json, which lists the
cases, and for each the values that are expected (.json) and the stream (.arrows).
"""

import hashlib
import json
import pathlib
import sys

import pyarrow as pa
import pyarrow.flight as flight

from cases import forms_of_every_type
from command import statement_of
from plans import AUTHORIZATION, plans
from received import ReceivedHeaders, authorization_stream
from streams import large, streams


class TruthServer(flight.FlightServerBase):
    def __init__(self, port, cases, plans=()):
        super().__init__(f"grpc://127.0.0.1:{port}", middleware={"headers": ReceivedHeaders()})
        self.cases = {case.name: case for case in cases}
        self.plans = {plan.name: plan for plan in plans}

    def get_flight_info(self, context, descriptor):
        name = statement_of(descriptor.command)
        if name in self.plans:
            return self.plans[name].flight_info(descriptor)
        case = self.case(name)
        endpoint = flight.FlightEndpoint(name, [])
        return flight.FlightInfo(case.schema, descriptor, [endpoint])

    def do_get(self, context, ticket):
        name = ticket.ticket.decode()
        if name == AUTHORIZATION:
            return authorization_stream(context.get_middleware("headers"))
        case = self.case(name)
        if case.app_metadata is None:
            reader = pa.RecordBatchReader.from_batches(case.schema, case.batches)
            return flight.RecordBatchStream(reader, options=case.options)
        messages = ((batch, note) if note else batch for batch, note in zip(case.batches, case.app_metadata))
        return flight.GeneratorStream(case.schema, messages, options=case.options)

    def case(self, name):
        if name not in self.cases:
            raise KeyError(f"there is no case called {name!r}")
        return self.cases[name]


def digest(case):
    """What is expected of a stream too large to write out: the hash of its one column's words."""
    (batch,) = case.batches
    words = hashlib.sha256(batch.column(0).buffers()[1]).hexdigest()
    return {"name": case.name, "rows": batch.num_rows, "sha256": words}


def main(port, elsewhere_port, folder):
    folder = pathlib.Path(folder)
    cases, large_cases = [*forms_of_every_type(), *streams()], list(large())
    planned = list(plans(port, elsewhere_port))
    here = [case for plan in planned for case in plan.here]
    elsewhere = [case for plan in planned for case in plan.elsewhere]
    index = {
        "cases": {case.name: case.write(folder) for case in cases},
        "plans": {plan.name: plan.whole().write(folder) for plan in planned if plan.parts},
        "large": [digest(case) for case in large_cases],
    }
    (folder / "index.json").write_text(json.dumps(index), "utf-8")
    # Kept in a name: a server that is collected stops.
    second = TruthServer(elsewhere_port, elsewhere)
    TruthServer(port, [*cases, *large_cases, *here], planned).serve()
    second.shutdown()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
