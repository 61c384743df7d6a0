"""Compares what the server keeps of uploads with what was sent: the log of chunks in SQLite, the bytes in the folder.

Usage: verify.py DATA, with lines of JSON {"id", "sha256", "size"} on standard input. Prints one complaint a line.
"""

import hashlib
import json
import pathlib
import sqlite3
import sys
import uuid


def kept(database, store, upload):
    """Digest and size of an upload's chunks in order; a gap or an overlap is an error."""
    digest, size = hashlib.sha256(), 0
    rows = database.execute("select start_at, size, key from upload_chunk where upload = ? order by start_at", (upload.bytes,))
    for start, length, key in rows:
        if start != size:
            raise ValueError(f"the log continues at {start} after {size}")
        data = (store / key).read_bytes()
        if len(data) != length:
            raise ValueError(f"{key} has {len(data)} bytes, its row says {length}")
        digest.update(data)
        size += length
    return digest.hexdigest(), size


def main():
    data = pathlib.Path(sys.argv[1])
    database = sqlite3.connect(f"file:{data / 'twotake.db'}?mode=ro", uri=True)
    for line in sys.stdin:
        sent = json.loads(line)
        try:
            digest, size = kept(database, data / "store", uuid.UUID(sent["id"]))
            if (digest, size) != (sent["sha256"], sent["size"]):
                print(f"{sent['id']}: {size} bytes kept of {sent['size']}, or other ones")
        except (ValueError, OSError) as error:
            print(f"{sent['id']}: {error}")


main()
