"""Writes a row and reads it back: sql.py VALUE."""
import sys

import psycopg

with psycopg.connect("host=postgres user=postgres connect_timeout=30") as connection:
    connection.execute("CREATE TABLE IF NOT EXISTS word (it text)")
    connection.execute("INSERT INTO word VALUES (%s)", [sys.argv[1]])
    print(connection.execute("SELECT it FROM word WHERE it = %s", [sys.argv[1]]).fetchone()[0])
