"""The two protobuf messages that a Flight SQL query comes in, read by hand: pyarrow has no Flight SQL."""

STATEMENT_QUERY = "type.googleapis.com/arrow.flight.protocol.sql.CommandStatementQuery"


def statement_of(command):
    """The SQL text of a CommandStatementQuery packed in an Any."""
    envelope = length_delimited_fields(command)
    type_url = envelope.get(1, b"").decode()
    if type_url != STATEMENT_QUERY:
        raise NotImplementedError(f"only {STATEMENT_QUERY} is served, this is {type_url!r}")
    return length_delimited_fields(envelope.get(2, b"")).get(1, b"").decode()


def length_delimited_fields(message):
    fields, position = {}, 0
    while position < len(message):
        tag, position = varint(message, position)
        if tag & 7 != 2:
            raise ValueError(f"field {tag >> 3} has wire type {tag & 7}, length-delimited was expected")
        length, position = varint(message, position)
        fields[tag >> 3] = message[position : position + length]
        position += length
    return fields


def varint(message, position):
    value, shift = 0, 0
    while True:
        byte = message[position]
        value |= (byte & 0x7F) << shift
        position, shift = position + 1, shift + 7
        if byte < 0x80:
            return value, position
