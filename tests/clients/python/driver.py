"""Drives tuspy; see ../stage.mjs for what is read and printed."""

import hashlib
import io
import json
import os
import random
import threading
import time

import requests
from tusclient import client
from tusclient.exceptions import TusCommunicationError

PRINTING = threading.Lock()
PATIENCE = 240


def say(entry):
    with PRINTING:
        print(json.dumps(entry), flush=True)


def insist(what, deadline):
    """Does something until the line holds; tuspy raises on a broken connection and leaves the rest to its caller."""
    while True:
        try:
            return what()
        except (TusCommunicationError, requests.exceptions.RequestException):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.06)


def upload(token):
    data = os.urandom(random.randint(200_000, 2_000_000))
    deadline = time.monotonic() + PATIENCE
    tus = client.TusClient(os.environ["ENDPOINT"], headers={"Authorization": f"Bearer {token}"})
    chunk = random.randint(150_000, 600_000)
    uploader = insist(
        lambda: tus.uploader(file_stream=io.BytesIO(data), chunk_size=chunk, metadata={"filename": "fault.webm"}), deadline
    )
    if not uploader.url:
        uploader.set_url(insist(uploader.create_url, deadline))
    acknowledged, resumed = 0, 0
    while uploader.offset < len(data):
        try:
            uploader.upload_chunk()
        except (TusCommunicationError, requests.exceptions.RequestException):
            uploader.offset = insist(uploader.get_offset, deadline)
            uploader.request = None
            resumed += 1
        if uploader.offset < acknowledged:
            say({"complaint": f"{uploader.url}: {uploader.offset} after {acknowledged} was acknowledged"})
        acknowledged = max(acknowledged, uploader.offset)
    digest = hashlib.sha256(data).hexdigest()
    return {"id": uploader.url.rsplit("/", 1)[1], "size": len(data), "sha256": digest, "resumed": resumed}


def drive(token, share):
    for _ in range(share):
        try:
            say(upload(token))
        except Exception as error:  # whatever it is, it is this upload's failure and not the others'
            say({"complaint": repr(error)})


def main():
    tokens, uploads = os.environ["TOKENS"].split(), int(os.environ["UPLOADS"])
    shares = [uploads // len(tokens) + (1 if lane < uploads % len(tokens) else 0) for lane in range(len(tokens))]
    lanes = [threading.Thread(target=drive, args=pair) for pair in zip(tokens, shares)]
    for lane in lanes:
        lane.start()
    for lane in lanes:
        lane.join()


main()
