"""X-Ray as far as a daemon sees it, on 127.0.0.1: takes documents, checks signatures, fails on
command."""

import calendar
import collections
import http.server
import json
import os
import shutil
import socket
import ssl
import subprocess
import tempfile
import threading
import time

from email.utils import formatdate

from stand_ins.signatures import fault_of_signature

ACCESS_KEY = "AKIDEXAMPLE"
SECRET_KEY = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"

Request = collections.namedtuple("Request", "method target headers body time")


class Answer:
    """What a request gets. `taken`: its documents have arrived."""

    def __init__(self, status=200, body=b"{}", headers=(), taken=None):
        self.status = status
        self.body = body.encode() if isinstance(body, str) else body
        self.headers = list(headers)
        self.taken = status == 200 if taken is None else taken


# Behaviours: each is called with the stand-in and the request, and gives an Answer, or None after
# having done something else to the connection, which is then closed.

def status(code, error=None, headers=()):
    """An error of the service's: `status(429, "ThrottledException")`."""
    body = json.dumps({"__type": f"com.amazonaws.xray#{error}", "message": "a test's wish"}) \
        if error else ""
    return lambda stand_in, request, connection: Answer(code, body, headers)


def late(seconds):
    """A good answer, after so long."""
    def act(stand_in, request, connection):
        stand_in.ended.wait(seconds)
        return stand_in.good_answer(request)
    return act


def hang(stand_in, request, connection):
    """No answer, until the other side or the test ends it."""
    connection.settimeout(0.1)
    while not stand_in.ended.is_set():
        try:
            if not connection.recv(1):
                return None
        except TimeoutError:
            continue
        except OSError:
            return None
    return None


def cut(stand_in, request, connection):
    """The connection ends amid the answer, and nothing was taken."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Le")
    return None


def drip(stand_in, request, connection):
    """An answer of which a byte comes now and then, and never all."""
    text = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + b" " * 900
    for byte in text:
        try:
            connection.sendall(bytes([byte]))
        except OSError:
            return None
        if stand_in.ended.wait(0.05):
            return None
    return None


def not_http(stand_in, request, connection):
    connection.sendall(b"220 mail.example ESMTP ready\r\n")
    return None


def unprocessed(choose):
    """Of these documents `choose(document)` says what is wrong: a code, (code, id) or None."""
    def act(stand_in, request, connection):
        entries, taken = [], []
        for text in documents_of(request):
            wrong = choose(text)
            if wrong is None:
                taken.append(text)
                continue
            code, entry_id = wrong if isinstance(wrong, tuple) else (wrong, json.loads(text)["id"])
            entries.append({"Id": entry_id, "ErrorCode": code, "Message": "a test's wish"})
        with stand_in.lock:
            stand_in.documents.extend(taken)
        return Answer(200, json.dumps({"UnprocessedTraceSegments": entries}), taken=False)
    return act


def expired(key):
    """Credentials with this access key have expired; with others all is well."""
    def act(stand_in, request, connection):
        if f"Credential={key}/" in request.headers.get("Authorization", ""):
            return status(403, "ExpiredTokenException")(stand_in, request, connection)
        return stand_in.good_answer(request)
    return act


def skewed(seconds):
    """A service whose clock is so far ahead of this machine's, and which insists on it."""
    def act(stand_in, request, connection):
        theirs = time.time() + seconds
        stamp = request.headers.get("X-Amz-Date", "")
        try:
            signed = calendar_seconds(stamp)
        except ValueError:
            signed = 0
        headers = [("Date", formatdate(theirs, usegmt=True))]
        if abs(signed - theirs) > 300:
            answer = status(403, "InvalidSignatureException")(stand_in, request, connection)
            answer.headers = headers
            return answer
        answer = stand_in.good_answer(request)
        answer.headers = headers
        return answer
    return act


def calendar_seconds(stamp):
    return calendar.timegm(time.strptime(stamp, "%Y%m%dT%H%M%SZ"))


def documents_of(request):
    return json.loads(request.body)["TraceSegmentDocuments"]


class XRayStandIn:
    """A context manager. What came is in `requests`, `documents` (texts that were taken) and
    `telemetry` (records); `faults` says what was wrong with requests, and is empty at the end of a
    test that went well. `next(behaviour, ...)` is for the next uploads, one each; `always` for all
    that have none of their own; `paths` has behaviours for other paths than /TraceSegments."""

    def __init__(self, tls=False, keys=None, region="us-east-1"):
        self.keys = keys or {ACCESS_KEY: SECRET_KEY}
        self.region = region
        self.lock = threading.Lock()
        self.ended = threading.Event()
        self.requests, self.documents, self.telemetry, self.faults = [], [], [], []
        self.always = None
        self.paths = {}
        self._next = collections.deque()
        self._connections = set()
        self._directory = None
        self.ca_file = None
        self._context = self._make_context() if tls else None
        self._server = None
        self.port = 0
        self.listen()

    def _make_context(self):
        self._directory = tempfile.mkdtemp(prefix="xray-stand-in-")
        key = os.path.join(self._directory, "key.pem")
        self.ca_file = os.path.join(self._directory, "certificate.pem")
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
             "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1", "-addext",
             "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", self.ca_file],
            check=True, capture_output=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.ca_file, key)
        return context

    @property
    def url(self):
        return f"{'https' if self._context else 'http'}://127.0.0.1:{self.port}"

    def next(self, *behaviours):
        with self.lock:
            self._next.extend(behaviours)

    def listen(self):
        """Takes connections, on the same port as before."""
        self._server = _Server(("127.0.0.1", self.port), self)
        self.port = self._server.server_address[1]
        # Ends soon after it is told to.
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def refuse(self):
        """No connections any more, and those that are there are cut, until listen()."""
        self._server.shutdown()
        self._server.server_close()
        with self.lock:
            connections = list(self._connections)
        for connection in connections:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def good_answer(self, request):
        if request.target.partition("?")[0] == "/TraceSegments":
            return Answer(200, '{"UnprocessedTraceSegments":[]}')
        return Answer(200, "{}")

    def take(self, request):
        """The request's effect on what has arrived."""
        if request.target == "/TraceSegments":
            found = documents_of(request)
            with self.lock:
                self.documents.extend(found)
        elif request.target == "/TelemetryRecords":
            found = json.loads(request.body)["TelemetryRecords"]
            with self.lock:
                self.telemetry.extend(found)

    def behaviour_for(self, request):
        path = request.target.partition("?")[0]
        with self.lock:
            if path == "/TraceSegments":
                return self._next.popleft() if self._next else self.always
            return self.paths.get(path)

    def note(self, request, scheme):
        fault = fault_of_signature(request, scheme, self.keys, self.region)
        with self.lock:
            self.requests.append(request)
            if fault:
                self.faults.append(f"{request.method} {request.target}: {fault}")
        return fault

    def uploads(self):
        with self.lock:
            return [request for request in self.requests if request.target == "/TraceSegments"]

    def document_count(self):
        with self.lock:
            return len(self.documents)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.refuse()
        if self._directory:
            shutil.rmtree(self._directory, ignore_errors=True)


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, address, stand_in):
        self.stand_in = stand_in
        super().__init__(address, _Handler)

    def finish_request(self, request, client_address):
        # TLS here: in the connection's own thread.
        stand_in = self.stand_in
        with stand_in.lock:
            stand_in._connections.add(request)
        connection = request
        try:
            request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if stand_in._context:
                request.settimeout(10)
                connection = stand_in._context.wrap_socket(request, server_side=True)
                with stand_in.lock:
                    stand_in._connections.add(connection)
                connection.settimeout(None)
            self.RequestHandlerClass(connection, client_address, self)
        except OSError:
            pass
        finally:
            with stand_in.lock:
                stand_in._connections -= {request, connection}
            if connection is not request:
                connection.close()

    def handle_error(self, request, client_address):
        pass


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def _any(self):
        stand_in = self.server.stand_in
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        request = Request(self.command, self.path, self.headers, body, time.time())
        scheme = "https" if stand_in._context else "http"
        fault = stand_in.note(request, scheme)
        if fault:
            answer = status(403, "AccessDeniedException")(stand_in, request, self.connection)
        else:
            behaviour = stand_in.behaviour_for(request)
            answer = behaviour(stand_in, request, self.connection) if behaviour \
                else stand_in.good_answer(request)
        if answer is None:
            self.close_connection = True
            return
        if answer.taken:
            stand_in.take(request)
        self.send_response_only(answer.status)
        for name, value in answer.headers:
            self.send_header(name, value)
        if not any(name.lower() == "date" for name, _ in answer.headers):
            self.send_header("Date", formatdate(usegmt=True))
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = _any

    def log_message(self, *_):
        pass
