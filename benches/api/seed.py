#!/usr/bin/env python3
"""seed.py DATABASE SAMPLES PEOPLE GOALS CHECK_INS COMMENTS: writes a company into a migrated database that has one organisation and
one administrator, and ids to ask for into the file SAMPLES. DATABASE is a path (SQLite) or postgres://… (by psql's COPY)."""
import datetime
import json
import pathlib
import random
import sqlite3
import subprocess
import sys

from company import Company, Secret

# Before it, everything it refers to.
ORDER = ("person", "api_token", "absence", "invitation", "unit", "unit_member", "channel", "channel_member", "take_session", "recording", "take", "view", "share_link",
         "goal", "goal_clip", "goal_link", "metric", "metric_point", "check_in_slot", "check_in", "check_in_goal", "review", "blocker", "post", "receipt", "comment",
         "reaction", "audit_event")


def stamp(at):
    return at.strftime("%Y-%m-%dT%H:%M:%S+00:00")


def for_sqlite(value):
    if isinstance(value, datetime.datetime):
        return stamp(value)
    return value.isoformat() if isinstance(value, datetime.date) else value


def for_postgres(value):
    if value is None:
        return "\\N"
    if isinstance(value, Secret):
        return "\\\\x" + value.hex()
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, datetime.datetime):
        return stamp(value)
    return str(value).replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")


def columns(rows):
    names = list(dict.fromkeys(name for row in rows[:1000] for name in row))
    return names, [tuple(row.get(name) for name in names) for row in rows]


def write_sqlite(path, rows):
    db = sqlite3.connect(path)
    db.executescript("pragma journal_mode = wal; pragma synchronous = off; pragma foreign_keys = off;")
    with db:
        for table in ORDER:
            names, values = columns(rows[table])
            marks = ", ".join("?" * len(names))
            db.executemany(f"insert into {table} ({', '.join(names)}) values ({marks})", (tuple(map(for_sqlite, row)) for row in values))
    db.execute("pragma wal_checkpoint(truncate)")
    db.close()


def write_postgres(url, rows):
    with subprocess.Popen(["psql", "--quiet", "--set", "ON_ERROR_STOP=1", url], stdin=subprocess.PIPE, text=True) as psql:
        psql.stdin.write("begin;\nset session_replication_role = replica;\n")
        for table in ORDER:
            names, values = columns(rows[table])
            psql.stdin.write(f"copy {table} ({', '.join(names)}) from stdin;\n")
            psql.stdin.writelines("\t".join(map(for_postgres, row)) + "\n" for row in values)
            psql.stdin.write("\\.\n")
        psql.stdin.writelines(f"{statement};\n" for statement in counted())
        # What autovacuum would have done by the time a company is this old.
        psql.stdin.write("commit;\nvacuum analyze;\n")
    if psql.returncode:
        sys.exit(f"psql ended with {psql.returncode}")


def counted():
    """The statements with which the migration counts what is there: triggers do not see what is copied."""
    migrations = pathlib.Path(__file__).parents[2] / "migrations/postgres"
    texts = [(migrations / name).read_text(encoding="utf-8") for name in ("0019_reliability.sql", "0022_company_weeks.sql")]
    return [one for text in texts for one in text.split(";\n\n") if one.startswith("insert into reliability")]


def founded(database):
    query = "select {0} from organisation", "select {0} from person where role = 'admin'"
    if database.startswith("postgres"):
        ask = lambda sql: bytes.fromhex(subprocess.run(["psql", "--quiet", "-At", database, "-c", sql.format("replace(id::text, '-', '')")], check=True, capture_output=True, text=True).stdout.strip())
        return ask(query[0]), ask(query[1])
    db = sqlite3.connect(database)
    return tuple(db.execute(sql.format("id")).fetchone()[0] for sql in query)


def written(id):
    text = id.hex()
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def main(database, samples, *size):
    now = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
    company = Company(*founded(database), now, *map(int, size))
    (write_postgres if database.startswith("postgres") else write_sqlite)(database, company.rows)
    # The last of each kind is the busiest; the others are drawn by lot, always the same.
    lot = random.Random(7)
    told = {kind: [written(id) for id in lot.sample(ids, min(200, len(ids)))] + [written(ids[-1])] for kind, ids in company.samples.items()}
    told["rows"] = {table: len(rows) for table, rows in company.rows.items()}
    told["me"] = {name: written(id) for name, id in company.tokens.items()}
    with open(samples, "w", encoding="utf-8") as file:
        json.dump(told, file)


main(*sys.argv[1:])
