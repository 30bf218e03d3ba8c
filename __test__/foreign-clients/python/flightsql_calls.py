"""flightsql-dbapi's client of Flight SQL, and the calls that the programs make of it."""

from flightsql import FlightSQLClient
from flightsql.client import flight_descriptor


def client(settings):
    options = {name: settings[name] for name in ("user", "password", "token", "metadata") if name in settings}
    return FlightSQLClient(host="127.0.0.1", port=settings["port"], insecure=True, **options)


def rows(client, info):
    """The rows of every endpoint."""
    return [tuple(row.values()) for endpoint in info.endpoints for row in client.do_get(endpoint.ticket).read_all().to_pylist()]


def flight_info(client, command):
    """What a command is answered that the client has no method for."""
    return client.client.get_flight_info(flight_descriptor(command))
