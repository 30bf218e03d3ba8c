"""A Flight SQL server on pyarrow (C++ gRPC) that streams batches it made before anyone asked.

It frames and aligns as C++ servers do. Prints one line of JSON when it listens, and ends when its standard input does.
"""

import itertools
import json
import os
import sys
import threading

import pyarrow as pa
import pyarrow.flight as flight
import pyarrow.ipc as ipc
from flightsql import flightsql_pb2
from google.protobuf import any_pb2

from shapes import BATCH_ROWS, SHAPES, batch


class AnyoneMayCome(flight.ServerAuthHandler):
    """Answers the handshake that some clients insist on; asks for nothing."""

    def authenticate(self, outgoing, incoming):
        outgoing.write(b"bench")

    def is_valid(self, token):
        return b""


class TokenInHeader(flight.ServerMiddleware):
    """Some clients take the token from the handshake's message, some from this header."""

    def sending_headers(self):
        return {"authorization": "Bearer bench"}


class TokensInHeaders(flight.ServerMiddlewareFactory):
    def start_call(self, info, headers):
        return TokenInHeader() if info.method == flight.FlightMethod.HANDSHAKE else None


class Server(flight.FlightServerBase):
    def __init__(self):
        middleware = {"token": TokensInHeaders()}
        super().__init__("grpc://127.0.0.1:0", auth_handler=AnyoneMayCome(), middleware=middleware)
        self.batches = {(shape, rows): batch(shape, rows) for shape in SHAPES for rows in BATCH_ROWS}
        self.body_bytes = {key: body_bytes(made) for key, made in self.batches.items()}

    def find(self, text):
        shape, rows, total = text.split()
        key = (shape, int(rows))
        if key not in self.batches:
            raise flight.FlightServerError(f"there is no {shape} with {rows} rows a batch")
        count = max(1, -(-int(total) // self.body_bytes[key]))
        return self.batches[key], self.body_bytes[key], count

    def get_flight_info(self, context, descriptor):
        command = any_pb2.Any()
        command.ParseFromString(descriptor.command)
        statement = flightsql_pb2.CommandStatementQuery()
        if not command.Unpack(statement):
            raise NotImplementedError(f"{command.type_url} is not implemented")
        made, size, count = self.find(statement.query)
        # The ticket is the query itself: every connection can redeem it.
        endpoint = flight.FlightEndpoint(statement.query.encode(), [])
        return flight.FlightInfo(made.schema, descriptor, [endpoint], made.num_rows * count, size * count)

    def do_get(self, context, ticket):
        made, _, count = self.find(ticket.ticket.decode())
        reader = pa.RecordBatchReader.from_batches(made.schema, itertools.repeat(made, count))
        return flight.RecordBatchStream(reader)

    def do_action(self, context, action):
        raise NotImplementedError(f"{action.type} is not implemented")


def body_bytes(made):
    message = ipc.read_message(made.serialize())
    return message.body.size


def end_with_stdin():
    sys.stdin.buffer.read()
    os._exit(0)


if __name__ == "__main__":
    server = Server()
    threading.Thread(target=end_with_stdin, daemon=True).start()
    described = [
        {"shape": shape, "rows": rows, "bodyBytes": size} for (shape, rows), size in server.body_bytes.items()
    ]
    print(json.dumps({"port": server.port, "batches": described}), flush=True)
    server.serve()
