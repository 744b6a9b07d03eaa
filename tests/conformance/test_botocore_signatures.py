"""The same requests signed by Debian's botocore and by us: equal to the last byte."""

import datetime
import random
import unittest
from unittest import mock

import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from aws_program import ask

NAMES = ["Content-Type", "X-Amzn-Xray-Timestamp", "Accept", "x-custom", "X-CUSTOM", "Zeta",
         "Amz-Sdk-Invocation-Id", "a", "Content-Length", "X-Amz-Target", "User-Agent", "Expect",
         "X-Amzn-Trace-Id", "Authorization", "X-Amz-Date", "X-Amz-Security-Token"]
WORDS = ["application/json", "attempt=1; max=2", "two  blanks", "   three\t\ttabs ", "", " ", "é€😀",
         '"quoted  text"', "a,b", "1795360189.812527895", "x" * 300]
PATHS = ["", "/", "/TraceSegments", "/GetSamplingRules", "//double//slash/", "/a/./b/../c", "/..",
         "/../../x/", "/a%20b", "/a b", "/é/€", "/~tilde/-_.", "/a+b=c&d;e:f@g!*'()", "/trailing/.",
         "/trailing/..", "/%2F", "/x/..//"]
QUERIES = ["", "a=1", "b=2&a=1", "a=2&a=1&a=", "flag", "&&", "=", "x=%20y&X=%7E", "a==b", "a-b=1&a=2",
           "k=é", "z&y=1&z=0", "a=1&A=1"]
HOSTS = ["xray.us-east-1.amazonaws.com", "127.0.0.1:4566", "[::1]:8443", "x.y"]


class Clock(datetime.datetime):
    """What botocore takes for the present."""

    now_is = None

    @classmethod
    def utcnow(cls):
        return cls.now_is


def random_text(source, most):
    characters = "abcXYZ019 \t\n\"\\{}:,/%é€😀\u2028\x7f"
    return "".join(source.choice(characters) for _ in range(source.randrange(most)))


def random_question(source):
    headers = [
        (name, source.choice(WORDS)) for name in source.sample(NAMES, source.randrange(len(NAMES)))
    ]
    if headers and source.random() < 0.3:
        headers.append((source.choice(headers)[0].swapcase(), source.choice(WORDS)))
    return {
        "method": source.choice(["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "post"]),
        "host": source.choice(HOSTS),
        "path": source.choice(PATHS),
        "query": source.choice(QUERIES),
        "headers": headers,
        "body": source.choice(["", "{}", random_text(source, 200)]),
        "access_key": "AKID" + str(source.randrange(10**9)),
        "secret_key": source.choice(["s", "wJalrXUt/+nFEMI=", "k" * 200, "é"]),
        "token": source.choice(["", "", "token/" + "T" * source.randrange(1, 1500) + "=="]),
        "region": source.choice(["us-east-1", "cn-north-1", "eusc-de-east-1"]),
        "service": source.choice(["xray", "sts"]),
        "time": source.randrange(0, 4102444800),
    }


def signed_by_botocore(question):
    url = "https://" + question["host"] + question["path"]
    if question["query"]:
        url += "?" + question["query"]
    request = AWSRequest(method=question["method"], url=url, data=question["body"].encode())
    for name, value in question["headers"]:
        request.headers[name] = value
    # Of our making; botocore takes away only what it is about to set itself.
    for name in ("Authorization", "X-Amz-Date", "X-Amz-Security-Token"):
        del request.headers[name]
    request.headers["Host"] = question["host"]
    credentials = Credentials(
        question["access_key"], question["secret_key"], question["token"] or None
    )
    Clock.now_is = datetime.datetime.fromtimestamp(
        question["time"], datetime.timezone.utc
    ).replace(tzinfo=None)
    with mock.patch("botocore.auth.datetime.datetime", Clock):
        botocore.auth.SigV4Auth(credentials, question["service"], question["region"]).add_auth(
            request
        )
    names = ["X-Amz-Date", "X-Amz-Security-Token", "Authorization"]
    return {name: request.headers[name] for name in names if name in request.headers}


class SignaturesTest(unittest.TestCase):
    maxDiff = None

    def compare(self, questions):
        for question, answer in zip(questions, ask("sign", questions)):
            with self.subTest(**{key: question[key] for key in ("method", "path", "query")}):
                self.assertEqual(answer, signed_by_botocore(question))

    def test_random_requests(self):
        source = random.Random(5)
        self.compare([random_question(source) for _ in range(3000)])

    def test_every_path_with_every_query(self):
        source = random.Random(6)
        self.compare([
            {**random_question(source), "path": path, "query": query}
            for path in PATHS for query in QUERIES
        ])

    def test_bodies_of_many_sizes(self):
        source = random.Random(7)
        sizes = [0, 1, 55, 56, 63, 64, 65, 1000, 65536, 5_000_000]
        self.compare([
            {**random_question(source), "body": ("0123456789abcdef€" * (size // 17 + 1))[:size]}
            for size in sizes
        ])

    def test_a_request_as_the_daemon_sends_it(self):
        question = {
            **random_question(random.Random(8)),
            "method": "POST", "host": HOSTS[0], "path": "/TraceSegments", "query": "",
            "headers": [("Content-Type", "application/json"), ("User-Agent", "xrayd")],
            "body": '{"TraceSegmentDocuments":["{}"]}', "token": "", "region": "us-east-1",
            "service": "xray",
        }
        [answer] = ask("sign", [question])
        self.assertEqual(answer, signed_by_botocore(question))
        self.assertIn("SignedHeaders=content-type;host;x-amz-date,", answer["Authorization"])


if __name__ == "__main__":
    unittest.main()
