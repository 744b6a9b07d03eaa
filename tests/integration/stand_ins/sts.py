"""A stand-in of STS, which checks signatures with botocore."""

import datetime
import hmac
import time
import urllib.parse
from xml.sax.saxutils import escape

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from stand_ins.keys import Keys
from stand_ins.service import Answer, Service


class Refusal(Exception):
    """An error of the service: status, code, message."""


class Sts(Service):
    """Knows `callers`: {access key id: (secret, token or None)}, and `web_tokens`, a set.

    `external_id`: what AssumeRole must bring. `calls` are the parameters of the calls that it
    granted, each with `Caller`, the id that signed; `given` are the keys given out. `refusals` are
    the codes of those that it refused; `known` gets the keys given out, too: secrets by id. It
    takes signatures for `region` only.
    """

    def __init__(self, region="eu-west-1", callers=None, web_tokens=(), external_id=None,
                 life=None, known=None):
        self.region = region
        self.callers = dict(callers or {})
        self.web_tokens = set(web_tokens)
        self.external_id = external_id
        self.life = life
        self.known = {} if known is None else known
        self.calls = []
        self.given = []
        self.refusals = []
        super().__init__()

    def answer(self, request):
        try:
            return self._grant(request)
        except Refusal as refusal:
            status, code, message = refusal.args
            self.refusals.append(code)
            body = (f"<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error>"
                    f"<Type>Sender</Type><Code>{code}</Code><Message>{escape(message)}</Message>"
                    f"</Error><RequestId>1</RequestId></ErrorResponse>")
            return Answer(status, body, {"Content-Type": "text/xml"})

    def _grant(self, request):
        if request.method != "POST":
            raise Refusal(405, "MethodNotAllowed", request.method)
        if not request.headers["Content-Type"].startswith("application/x-www-form-urlencoded"):
            raise Refusal(400, "InvalidParameter", "Content-Type")
        pairs = urllib.parse.parse_qsl(
            request.body.decode(), keep_blank_values=True, strict_parsing=True)
        call = dict(pairs)
        if len(call) != len(pairs):
            raise Refusal(400, "InvalidParameter", "something is there twice")
        self._check_parameters(call)
        action = call["Action"]
        if action == "AssumeRole":
            call["Caller"] = self._signer(request)
            if call.get("ExternalId") != self.external_id:
                raise Refusal(403, "AccessDenied", "not authorized to perform: sts:AssumeRole")
        elif call.get("WebIdentityToken") not in self.web_tokens:
            raise Refusal(400, "InvalidIdentityToken", "the token is not one of ours")
        life = self.life if self.life is not None else int(call.get("DurationSeconds", 3600))
        keys = Keys("ROLE", time.time() + self.clock_offset, life)
        self.calls.append(call)
        self.known[keys.id] = keys.secret
        self.given.append(keys)
        self.callers[keys.id] = (keys.secret, keys.token)
        return Answer(200, self._document(action, keys), {"Content-Type": "text/xml"})

    @staticmethod
    def _check_parameters(call):
        if call.get("Version") != "2011-06-15":
            raise Refusal(400, "InvalidAction", "Version")
        if call.get("Action") not in ("AssumeRole", "AssumeRoleWithWebIdentity"):
            raise Refusal(400, "InvalidAction", str(call.get("Action")))
        known = {"Version", "Action", "RoleArn", "RoleSessionName", "DurationSeconds",
                 "ExternalId" if call["Action"] == "AssumeRole" else "WebIdentityToken"}
        if not set(call) <= known:
            raise Refusal(400, "InvalidParameter", str(set(call) - known))
        if not call.get("RoleArn", "").startswith("arn:") or len(call["RoleArn"]) < 20:
            raise Refusal(400, "ValidationError", "roleArn")
        if not 2 <= len(call.get("RoleSessionName", "")) <= 64:
            raise Refusal(400, "ValidationError", "roleSessionName")
        if not 900 <= int(call.get("DurationSeconds", 900)) <= 43200:
            raise Refusal(400, "ValidationError", "durationSeconds")

    def _signer(self, request):
        """The access key id whose secret signed the request."""
        kind, _, rest = request.headers.get("Authorization", "").partition(" ")
        if kind != "AWS4-HMAC-SHA256":
            raise Refusal(403, "MissingAuthenticationToken", "not signed")
        parts = dict(part.strip().split("=", 1) for part in rest.split(","))
        key_id, date, region, service, end = parts["Credential"].split("/")
        if (region, service, end) != (self.region, "sts", "aws4_request"):
            raise Refusal(403, "SignatureDoesNotMatch", "wrong scope")
        if key_id not in self.callers:
            raise Refusal(403, "InvalidClientTokenId", "unknown key")
        secret, token = self.callers[key_id]
        if request.headers.get("X-Amz-Security-Token") != token:
            raise Refusal(403, "InvalidClientTokenId", "wrong token")
        stamp = request.headers["X-Amz-Date"]
        self._check_date(stamp, date)

        names = parts["SignedHeaders"].split(";")
        if not {"host", "x-amz-date"} <= set(names):
            raise Refusal(403, "IncompleteSignature", "a header is not signed")
        again = AWSRequest("POST", self.url + request.path, data=request.body,
                           headers={name: request.headers[name] for name in names})
        again.context["timestamp"] = stamp
        auth = SigV4Auth(Credentials(key_id, secret, token), "sts", self.region)
        right = auth.signature(auth.string_to_sign(again, auth.canonical_request(again)), again)
        if not hmac.compare_digest(right, parts["Signature"]):
            raise Refusal(403, "SignatureDoesNotMatch", "the signature is another")
        return key_id

    def _check_date(self, stamp, date):
        signed_at = datetime.datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(
            tzinfo=datetime.timezone.utc).timestamp()
        if not stamp.startswith(date):
            raise Refusal(403, "SignatureDoesNotMatch", "the scope is of another day")
        if abs(signed_at - time.time() - self.clock_offset) > 900:
            raise Refusal(403, "SignatureDoesNotMatch", f"Signature expired: {stamp}")

    @staticmethod
    def _document(action, keys):
        return (f"<{action}Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\n"
                f"  <{action}Result>\n    <AssumedRoleUser><Arn>arn:aws:sts::1:assumed-role/r/x"
                f"</Arn><AssumedRoleId>AROA:x</AssumedRoleId></AssumedRoleUser>\n"
                f"    <Credentials>\n      <AccessKeyId>{keys.id}</AccessKeyId>\n"
                f"      <SecretAccessKey>{escape(keys.secret)}</SecretAccessKey>\n"
                f"      <SessionToken>{escape(keys.token)}</SessionToken>\n"
                f"      <Expiration>{keys.expiration}</Expiration>\n    </Credentials>\n"
                f"  </{action}Result>\n  <ResponseMetadata><RequestId>1</RequestId>"
                f"</ResponseMetadata>\n</{action}Response>\n")
