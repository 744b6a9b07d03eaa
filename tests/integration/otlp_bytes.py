"""OTLP requests for tests, written field by field, and the payloads that carry them."""

import base64
import os
import struct
import time

SERVER, CLIENT = 2, 3


def _varint(value):
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(out) + bytes([value])


def _number(field, value):
    return _varint(field << 3) + _varint(value)


def _fixed64(field, value):
    return _varint(field << 3 | 1) + struct.pack("<Q", value)


def _bytes(field, value):
    value = value.encode() if isinstance(value, str) else value
    return _varint(field << 3 | 2) + _varint(len(value)) + value


def _attributes(field, values):
    """Integers and texts."""
    out = b""
    for key, value in values.items():
        any_value = _number(3, value) if isinstance(value, int) else _bytes(1, value)
        out += _bytes(field, _bytes(1, key) + _bytes(2, any_value))
    return out


def new_trace():
    """Sixteen bytes that begin with the time, as X-Ray's generator of ids makes them."""
    return struct.pack(">I", int(time.time())) + os.urandom(12)


def xray_id(trace):
    return f"1-{trace[:4].hex()}-{trace[4:].hex()}"


def span(trace, name, span_id, parent=b"", kind=SERVER, attributes=None):
    """One that ended just now."""
    end = time.time_ns()
    return (_bytes(1, trace) + _bytes(2, span_id) + (_bytes(4, parent) if parent else b"")
            + _bytes(5, name) + _number(6, kind) + _fixed64(7, end - 200_000_000)
            + _fixed64(8, end) + _attributes(9, attributes or {}))


def request(*spans, service="otlp-shop"):
    """An ExportTraceServiceRequest."""
    scope = _bytes(1, _bytes(1, "tests")) + b"".join(_bytes(2, each) for each in spans)
    resource = _bytes(1, _attributes(1, {"service.name": service}))
    return _bytes(1, resource + _bytes(2, scope))


def payload(message, sampled=True):
    return ("T1S" if sampled else "T1U") + base64.b64encode(message).decode()
