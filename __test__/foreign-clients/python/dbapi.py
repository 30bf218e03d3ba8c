"""flightsql-dbapi: connections and cursors of the DB-API."""

import flightsql

from flightsql_calls import client
from steps import Steps, refusal, settings

steps = Steps()


@steps.step("numbers, text and nulls of a table, with the description of its columns")
def _(db):
    db.execute("CREATE TABLE api (id INTEGER PRIMARY KEY, name TEXT, weight REAL)")
    db.execute("INSERT INTO api VALUES (1, 'größer 漢 🦆', 1.5), (2, NULL, 2.5)")
    cursor = db.execute("SELECT * FROM api ORDER BY id")
    return [cursor.fetchall(), cursor.description]


@steps.step("64-bit integers at both ends")
def _(db):
    return db.execute("SELECT 9223372036854775807 AS most, -9223372036854775807 - 1 AS least").fetchall()


@steps.step("one row, some rows, and the rest")
def _(db):
    cursor = db.execute("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5) SELECT i FROM n")
    return [cursor.rowcount, cursor.fetchone(), cursor.fetchmany(2), cursor.fetchall(), cursor.fetchone()]


@steps.step("a cursor is iterated")
def _(db):
    return list(db.execute("SELECT id FROM api ORDER BY id"))


@steps.step("many rows, every one of them once")
def _(db):
    cursor = db.execute("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000) SELECT i FROM n")
    return [i for [i] in cursor.fetchall()] == list(range(1, 100_001))


@steps.step("no rows")
def _(db):
    cursor = db.execute("SELECT id, name FROM api WHERE id > 100")
    return [cursor.fetchall(), cursor.description]


@steps.step("parameters of a query: an integer and text")
def _(db):
    return db.execute("SELECT id FROM api WHERE id = ? OR name = ?", (2, "größer 漢 🦆")).fetchall()


@steps.step("parameters of an update: an integer of 64 bits, text, a float")
def _(db):
    db.execute("INSERT INTO api VALUES (?, ?, ?)", (2**62, "", 0.1))
    return db.execute("SELECT * FROM api WHERE id > 100").fetchall()


@steps.step("bytes and a boolean as parameters")
def _(db):
    db.execute("CREATE TABLE more (bytes BLOB, yes INTEGER)")
    db.execute("INSERT INTO more VALUES (?, ?)", (b"\x00\xff", True))
    return db.execute("SELECT bytes, yes FROM more").fetchall()


@steps.step("values of every kind, selected themselves")
def _(db):
    return db.execute("SELECT ? AS a, ? AS b, ? AS c, ? AS d, ? AS e", (2**62, "a", 1.5, b"\x01", False)).fetchall()


@steps.step("an update for many rows")
def _(db):
    db.executemany("INSERT INTO api VALUES (?, ?, ?)", [(10, "a", 0.5), (11, "b", 1.5)])
    return db.execute("SELECT * FROM api WHERE id IN (10, 11) ORDER BY id").fetchall()


@steps.step("the columns of a table")
def _(db):
    return [(column["name"], column["type"], column["nullable"]) for column in db.flightsql_get_columns("api")]


@steps.step("the names of tables and of schemas")
def _(db):
    return ["api" in db.flightsql_get_table_names(), db.flightsql_get_schema_names()]


@steps.step("the keys of tables")
def _(db):
    db.execute("CREATE TABLE child (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES api (id) ON DELETE CASCADE)")
    primary = [(key["table_name"], key["column_name"], key["key_sequence"]) for key in db.flightsql_get_primary_keys("api")]
    names = ("pk_table_name", "pk_column_name", "fk_table_name", "fk_column_name", "update_rule", "delete_rule")
    return [primary, [[key[name] for name in names] for key in db.flightsql_get_foreign_keys("child")]]


@steps.step("what the server says of itself, by numbers")
def _(db):
    return db.flightsql_get_sql_info([0, 3, 504])


@steps.step("what is wrong comes in the server's words, and the connection goes on")
def _(db):
    errors = [refusal(lambda: db.execute(sql)) for sql in ("SELEKT 1", "SELECT * FROM missing", "INSERT INTO api (id) VALUES (1)")]
    return [errors, db.execute("SELECT 1 AS one").fetchall()]


steps.run(flightsql.connect(client(settings())))
