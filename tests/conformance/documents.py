"""Segment documents as a client would make them now, with ids of their own."""

import secrets
import time


def new_trace_id():
    return f"1-{int(time.time()):08x}-{secrets.token_hex(12)}"


def segment(name="checkout", **members):
    """A finished segment that began a second ago; members replace or, when None, remove."""
    now = time.time()
    document = {
        "name": name,
        "id": secrets.token_hex(8),
        "trace_id": new_trace_id(),
        "start_time": now - 1,
        "end_time": now - 0.5,
        **members,
    }
    return {key: value for key, value in document.items() if value is not None}


def subsegment(parent, name="inventory", **members):
    """A finished subsegment that fits into its parent's time, to be embedded."""
    document = {
        "name": name,
        "id": secrets.token_hex(8),
        "start_time": parent["start_time"] + 0.1,
        "end_time": parent["start_time"] + 0.3,
        **members,
    }
    return {key: value for key, value in document.items() if value is not None}
