"""What reached the server beside the request: a stream that tells a client which credentials it sent where."""

import pyarrow as pa
import pyarrow.flight as flight


class CallHeaders(flight.ServerMiddleware):
    def __init__(self, headers):
        self.headers = headers


class ReceivedHeaders(flight.ServerMiddlewareFactory):
    def start_call(self, info, headers):
        return CallHeaders(headers)


def authorization_stream(call):
    [authorization] = call.headers.get("authorization", [None])
    return flight.RecordBatchStream(pa.table({"authorization": pa.array([authorization], pa.string())}))
