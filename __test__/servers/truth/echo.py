"""A Flight SQL server that returns the parameters it was bound: `echo.py PORT`.

Every statement can be prepared. A query of it has the parameters as its rows, as pyarrow read them; an update counts
them. What was bound lies in the handle's name only, as with servers that keep no statements.

What is ingested is the result of the query that is the table's name; the action `command` tells the last ingest's command.
"""

import itertools
import sys

import pyarrow as pa
import pyarrow.flight as flight

PREFIX = "type.googleapis.com/arrow.flight.protocol.sql."


def varint(number):
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def field(number, value):
    """A field of bytes."""
    return varint(number << 3 | 2) + varint(len(value)) + value


def fields(message):
    """The fields of a message that are bytes, by number."""
    found, at = {}, 0

    def number():
        nonlocal at
        value = shift = 0
        while True:
            byte = message[at]
            at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    while at < len(message):
        tag = number()
        length = number()
        found[tag >> 3] = message[at : at + length]
        at += length
    return found


def packed(name, message):
    return field(1, (PREFIX + name).encode()) + field(2, message)


def unpacked(message):
    """The name of a command and its fields."""
    found = fields(message)
    return found[1].decode().removeprefix(PREFIX), fields(found.get(2, b""))


class EchoServer(flight.FlightServerBase):
    def __init__(self, port):
        super().__init__(f"grpc://127.0.0.1:{port}")
        self.numbers = itertools.count()
        self.bound = {}
        self.ingested = {}
        self.command = b""

    def do_action(self, context, action):
        if action.type == "CreatePreparedStatement":
            yield flight.Result(packed("ActionCreatePreparedStatementResult", field(1, b"unbound")))
        elif action.type == "command":
            yield flight.Result(self.command)
        elif action.type != "ClosePreparedStatement":
            raise NotImplementedError(action.type)

    def do_put(self, context, descriptor, reader, writer):
        name, command = unpacked(descriptor.command)
        table = reader.read_all()
        table.validate(full=True)
        if name == "CommandPreparedStatementUpdate":
            # DoPutUpdateResult's count is a varint.
            writer.write(varint(1 << 3) + varint(table.num_rows))
            return
        if name == "CommandStatementIngest":
            self.command = descriptor.command
            self.ingested[command[2]] = table
            writer.write(varint(1 << 3) + varint(table.num_rows))
            return
        handle = str(next(self.numbers)).encode()
        self.bound[handle] = table
        writer.write(field(1, handle))

    def get_flight_info(self, context, descriptor):
        _, command = unpacked(descriptor.command)
        table = self.table(command[1])
        return flight.FlightInfo(table.schema, descriptor, [flight.FlightEndpoint(command[1], [])])

    def do_get(self, context, ticket):
        return flight.RecordBatchStream(self.table(ticket.ticket))

    def table(self, name):
        return self.bound[name] if name in self.bound else self.ingested[name]


if __name__ == "__main__":
    EchoServer(int(sys.argv[1])).serve()
