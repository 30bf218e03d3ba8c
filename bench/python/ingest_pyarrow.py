"""pyarrow (C++): DoPut with the command of a Flight SQL ingest, which it has no method for."""

import pyarrow.flight

from ingesting import parse_arguments, run

PREFIX = "type.googleapis.com/arrow.flight.protocol.sql."

# TABLE_NOT_EXIST_OPTION_FAIL and TABLE_EXISTS_OPTION_APPEND: the mode `append`.
FAIL, APPEND = 2, 2


def varint(number):
    more = number >> 7
    return bytes([number & 0x7F | 0x80]) + varint(more) if more else bytes([number])


def number_field(at, number):
    return varint(at << 3) + varint(number)


def bytes_field(at, content):
    return varint(at << 3 | 2) + varint(len(content)) + content


def ingest_command(table):
    """CommandStatementIngest in an Any, as protobuf encodes it."""
    definition = number_field(1, FAIL) + number_field(2, APPEND)
    command = bytes_field(1, definition) + bytes_field(2, table.encode())
    return bytes_field(1, f"{PREFIX}CommandStatementIngest".encode()) + bytes_field(2, command)


def record_count(answer):
    """The one field of DoPutUpdateResult, a varint."""
    number = 0
    for at, byte in enumerate(answer[1:]):
        number |= (byte & 0x7F) << (7 * at)
    return number


def main():
    options = parse_arguments()
    with pyarrow.flight.connect(options.uri.replace("grpc://", "grpc+tcp://")) as client:

        def ingest(table, batch, times):
            descriptor = pyarrow.flight.FlightDescriptor.for_command(ingest_command(table))
            writer, answers = client.do_put(descriptor, batch.schema)
            with writer:
                for _ in range(times):
                    writer.write_batch(batch)
                writer.done_writing()
                return record_count(answers.read().to_pybytes())

        run(options, ingest)


if __name__ == "__main__":
    main()
