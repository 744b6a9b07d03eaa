"""Checks a request's Signature Version 4 with botocore's own code."""

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials


def fault_of_signature(request, scheme, keys, region, service="xray"):
    """What is wrong with a request's signature, or None. `keys` are secrets by access key."""
    authorization = request.headers.get_all("Authorization") or []
    if len(authorization) != 1:
        return f"{len(authorization)} Authorization headers"
    algorithm, _, rest = authorization[0].partition(" ")
    if algorithm != "AWS4-HMAC-SHA256":
        return f"algorithm {algorithm}"
    fields = dict(field.strip().partition("=")[::2] for field in rest.split(","))
    key, _, scope = fields.get("Credential", "").partition("/")
    date = request.headers.get("X-Amz-Date", "")
    if scope != f"{date[:8]}/{region}/{service}/aws4_request":
        return f"scope {scope}"
    if key not in keys:
        return f"access key {key}"
    signed = fields.get("SignedHeaders", "").split(";")
    needed = {"host", "x-amz-date"}
    if request.headers.get("X-Amz-Security-Token"):
        needed.add("x-amz-security-token")
    if not needed <= set(signed):
        return f"signed headers {signed}"

    host = request.headers.get("Host", "")
    twin = AWSRequest(request.method, f"{scheme}://{host}{request.target}", data=request.body)
    for name, value in request.headers.items():
        if name.lower() in signed:
            twin.headers.add_header(name, value)
    twin.context["timestamp"] = date
    signer = SigV4Auth(Credentials(key, keys[key]), service, region)
    canonical = signer.canonical_request(twin)
    text = signer.string_to_sign(twin, canonical)
    if signer.signature(text, twin) != fields.get("Signature"):
        return "another signature"
    return None
