"""flightsql-dbapi, the Flight SQL client on pyarrow (C++): chunk by chunk, or `read_all`."""

from urllib.parse import urlsplit

from flightsql import FlightSQLClient

from measured import parse_arguments, run


def main():
    options = parse_arguments()
    uri = urlsplit(options.uri)
    client = FlightSQLClient(host=uri.hostname, port=uri.port, insecure=True)

    def readers(query):
        for endpoint in client.execute(query).endpoints:
            yield client.do_get(endpoint.ticket)

    def stream(query):
        for reader in readers(query):
            for chunk in reader:
                yield chunk.data

    def table(query):
        (reader,) = readers(query)
        return reader.read_all()

    run(options, stream, table)


if __name__ == "__main__":
    main()
