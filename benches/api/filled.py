#!/usr/bin/env python3
"""filled.py DATABASE: waits until a server that runs on it has filled the index of the search from what `seed.py` wrote."""
import sqlite3
import subprocess
import sys
import time

MADE = "select count(*) from search_state where name = 'index'"
# Seconds; a hundred and fifty thousand things take some minutes.
PATIENCE = 3600


def made(database):
    if database.startswith("postgres"):
        return subprocess.run(["psql", "--quiet", "-At", database, "-c", MADE], check=True, capture_output=True, text=True).stdout.strip() == "1"
    with sqlite3.connect(database, timeout=60) as db:
        return db.execute(MADE).fetchone()[0] == 1


def main(database):
    for _ in range(PATIENCE):
        if made(database):
            # What autovacuum would have done by the time a company is this old.
            if database.startswith("postgres"):
                subprocess.run(["psql", "--quiet", database, "-c", "vacuum analyze"], check=True)
            return
        time.sleep(1)
    sys.exit("the index of the search was not filled in time")


main(*sys.argv[1:])
