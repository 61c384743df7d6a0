"""Sends a file slowly with tuspy and prints how it ended; see stage.mjs."""

import json
import os
import time

from tusclient import client
from tusclient.exceptions import TusCommunicationError

tus = client.TusClient(os.environ["ENDPOINT"], headers={"Authorization": f"Bearer {os.environ['TOKEN']}"})
uploader = tus.uploader(os.environ["FILE"], chunk_size=int(os.environ["PIECE"]), metadata={"filename": "long.webm"})
size = os.path.getsize(os.environ["FILE"])
ended = {"status": None, "body": None}
try:
    while uploader.offset < size:
        uploader.upload_chunk()
        time.sleep(0.1)
except TusCommunicationError as error:
    body = error.response_content
    ended = {"status": error.status_code, "body": body.decode() if isinstance(body, bytes) else body}
print(json.dumps({"sent": uploader.offset, **ended}))
