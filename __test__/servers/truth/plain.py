"""A server of plain Flight: `plain.py PORT`.

Uploads are kept by their path, listed, and read by a ticket of that path's name; an exchange sends every message back.
"""

import sys

import pyarrow as pa
import pyarrow.flight as flight


class PlainServer(flight.FlightServerBase):
    def __init__(self, port):
        super().__init__(f"grpc://127.0.0.1:{port}")
        self.tables = {}

    def info(self, descriptor, name):
        if name not in self.tables:
            raise KeyError(f"nothing is there by the name of {name.decode()}")
        table = self.tables[name]
        return flight.FlightInfo(table.schema, descriptor, [flight.FlightEndpoint(name, [])], table.num_rows, table.nbytes)

    @staticmethod
    def name(descriptor):
        if descriptor.descriptor_type == flight.DescriptorType.CMD:
            return descriptor.command
        return b"/".join(descriptor.path)

    def get_flight_info(self, context, descriptor):
        return self.info(descriptor, self.name(descriptor))

    def get_schema(self, context, descriptor):
        return flight.SchemaResult(self.info(descriptor, self.name(descriptor)).schema)

    def list_flights(self, context, criteria):
        for name in sorted(self.tables):
            if name.startswith(criteria):
                yield self.info(flight.FlightDescriptor.for_path(*name.split(b"/")), name)

    def do_get(self, context, ticket):
        return flight.RecordBatchStream(self.tables[ticket.ticket])

    def do_put(self, context, descriptor, reader, writer):
        batches = []
        try:
            for chunk in reader:
                if chunk.data is not None:
                    batches.append(chunk.data)
                metadata = b"" if chunk.app_metadata is None else chunk.app_metadata.to_pybytes()
                writer.write(b"got " + metadata)
        finally:
            self.tables[self.name(descriptor)] = pa.Table.from_batches(batches, reader.schema)

    def do_exchange(self, context, descriptor, reader, writer):
        if self.name(descriptor) == b"refused":
            raise flight.FlightUnauthorizedError("not to be exchanged")
        began = False
        for chunk in reader:
            if chunk.data is not None and not began:
                began = True
                writer.begin(chunk.data.schema)
            if chunk.data is None:
                writer.write_metadata(chunk.app_metadata)
            elif chunk.app_metadata is None:
                writer.write_batch(chunk.data)
            else:
                writer.write_with_metadata(chunk.data, chunk.app_metadata)

    def list_actions(self, context):
        return [("drop", "forgets a table"), ("count", "counts to a number")]

    def do_action(self, context, action):
        body = action.body.to_pybytes()
        if action.type == "drop":
            del self.tables[body]
        elif action.type == "count":
            for number in range(int(body)):
                yield flight.Result(str(number).encode())
        else:
            raise NotImplementedError(f"there is no action {action.type}")


if __name__ == "__main__":
    PlainServer(int(sys.argv[1])).serve()
