"""What Schemathesis does not know by itself: bytes of an upload are sent as they are."""
import schemathesis


@schemathesis.serializer("application/offset+octet-stream")
def bytes_of_an_upload(ctx, value):
    if isinstance(value, bytes):
        return value
    return str(getattr(value, "data", value)).encode()
