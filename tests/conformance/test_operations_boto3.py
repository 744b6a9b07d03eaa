"""Debian's boto3 asks every operation the least, the most and what is refused.

Operations and members that are newer than it are asked by its signer and plain HTTP.
"""

import http.client
import json
import os
import unittest

import boto3
import botocore
import botocore.exceptions
import operations
from answer_shapes import faults, newer_answers, shape_of
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from xrayd_process import Xrayd

# Errors that the model allows and that nothing here leads to. Nobody is throttled; X-Ray itself
# answers 51 tags with another exception; there is nothing to get wrong where nothing is asked, and
# what breaks the model's limits is a ValidationException, which no model knows.
NEVER = {
    "CancelTraceRetrieval": {"InvalidRequestException"},
    "GetEncryptionConfig": {"InvalidRequestException"},
    "GetSamplingRules": {"InvalidRequestException"},
    "GetSamplingStatisticSummaries": {"InvalidRequestException"},
    "GetSamplingTargets": {"InvalidRequestException"},
    "PutTelemetryRecords": {"InvalidRequestException"},
    "TagResource": {"TooManyTagsException"},
    "UntagResource": {"InvalidRequestException"},
}


def client(url, checks):
    """`checks` off sends what the service, not the client, has to refuse."""
    session = boto3.session.Session(aws_access_key_id="local", aws_secret_access_key="local")
    config = Config(region_name="us-east-1", retries={"max_attempts": 0}, read_timeout=30,
                    parameter_validation=checks)
    return session.client("xray", endpoint_url=url, config=config)


def known_part(shape, value):
    """The members that the model knows."""
    if shape.type_name == "structure":
        return {name: known_part(shape.members[name], member)
                for name, member in value.items() if name in shape.members}
    if shape.type_name == "list":
        return [known_part(shape.member, entry) for entry in value]
    return value


class Operations(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            del os.environ[name]
        cls.xrayd = cls.enterClassContext(Xrayd())
        cls.cases = operations.cases(cls.xrayd.url)
        cls.checking = client(cls.xrayd.url, checks=True)
        cls.lenient = client(cls.xrayd.url, checks=False)
        cls.bodies = []
        for each in (cls.checking, cls.lenient):
            cls.addClassCleanup(each.close)
            each.meta.events.register("after-call.xray", cls.keep_body)
        cls.model = cls.checking.meta.service_model
        cls.shapes = newer_answers(cls.model)
        for name in cls.model.operation_names:
            cls.shapes[name] = shape_of(cls.model.operation_model(name).output_shape)

    @classmethod
    def keep_body(cls, http_response, **_):
        cls.bodies.append(http_response.content)

    def ask_signed(self, path, arguments):
        """By plain HTTP: status, headers and what the body says."""
        body = json.dumps(arguments)
        request = AWSRequest("POST", self.xrayd.url + path, data=body,
                             headers={"Content-Type": "application/json"})
        SigV4Auth(Credentials("local", "local"), "xray", "us-east-1").add_auth(request)
        connection = http.client.HTTPConnection("127.0.0.1", self.xrayd.tcp_port, timeout=30)
        try:
            connection.request("POST", path, body, dict(request.headers))
            answer = connection.getresponse()
            return answer.status, answer.headers, json.loads(answer.read())
        finally:
            connection.close()

    def ask(self, case, arguments):
        """The answer in JSON, checked against the model."""
        if case.operation not in self.model.operation_names:
            return self.ask_plainly(case, arguments)
        operation = self.model.operation_model(case.operation)
        known = known_part(operation.input_shape, arguments)
        if known != arguments:
            return self.ask_plainly(case, arguments)
        method = getattr(self.checking, botocore.xform_name(case.operation))
        method(**arguments)
        return json.loads(self.bodies[-1])

    def ask_plainly(self, case, arguments):
        status, headers, answer = self.ask_signed(case.path, arguments)
        self.assertEqual(status, 200, answer)
        self.assertEqual(headers["Content-Type"], "application/json")
        return answer

    def assert_fits(self, case, answer):
        self.assertEqual(faults(self.shapes[case.operation], answer), [])

    def assert_refused(self, case, refusal):
        status = 404 if refusal.error == "ResourceNotFoundException" else 400
        if case.operation not in self.model.operation_names:
            got, headers, answer = self.ask_signed(case.path, refusal.input)
            self.assertEqual(headers["x-amzn-errortype"], refusal.error, answer)
            self.assertEqual(got, status)
            self.assertIn(refusal.words, answer.get("Message") or answer["message"])
            return
        method = getattr(self.lenient, botocore.xform_name(case.operation))
        with self.assertRaises(botocore.exceptions.ClientError) as raised:
            method(**refusal.input)
        response = raised.exception.response
        self.assertEqual(response["Error"]["Code"], refusal.error)
        self.assertIn(refusal.words, response["Error"]["Message"])
        self.assertEqual(response["ResponseMetadata"]["HTTPStatusCode"], status)
        if refusal.error != "ValidationException":
            self.assertIs(type(raised.exception),
                          self.lenient.exceptions.from_code(refusal.error))

    def test_the_least_the_most_and_what_is_refused(self):
        for case in self.cases:
            for what, arguments in (("least", case.least), ("most", case.most)):
                if arguments is None:
                    continue
                with self.subTest(case.operation, asked=what):
                    answer = self.ask(case, arguments)
                    self.assert_fits(case, answer)
                    if what == "most":
                        self.assertEqual(operations.differences(case.answer, answer), [])
            for refusal in case.refusals:
                with self.subTest(case.operation, error=refusal.error, words=refusal.words):
                    for path, arguments in refusal.fill:
                        self.ask_signed(path, arguments)
                    self.assert_refused(case, refusal)

    def test_every_operation_of_the_model_is_asked(self):
        asked = {case.operation for case in self.cases}
        self.assertEqual(set(self.model.operation_names) - asked, set())
        self.assertEqual(len(asked), 38)

    def test_every_error_of_the_model_is_led_to(self):
        led_to = {}
        for case in self.cases:
            led_to.setdefault(case.operation, set()).update(r.error for r in case.refusals)
        for name in self.model.operation_names:
            modelled = {shape.name for shape in self.model.operation_model(name).error_shapes}
            expected = modelled - {"ThrottledException"} - NEVER.get(name, set())
            with self.subTest(name):
                self.assertEqual(led_to[name] - {"ValidationException"}, expected)

    def test_a_whole_trace_has_a_value_in_nearly_every_member(self):
        """Else nothing would be said about their types."""
        case = next(case for case in self.cases if case.operation == "GetTraceSummaries")
        pages = self.checking.get_paginator("get_trace_summaries").paginate(
            **case.least, FilterExpression='user = "c-17"')
        [summary] = [summary for page in pages for summary in page["TraceSummaries"]]
        absent = {name for name in self.shapes[case.operation].members["TraceSummaries"]
                  .entry.members if name not in summary}
        # The first is another range's, the second newer than this boto3.
        self.assertEqual(absent, {"MatchedEventTime", "StartTime"})
        for causes in ("FaultRootCauses", "ResponseTimeRootCauses"):
            self.assertTrue(summary[causes], causes)


if __name__ == "__main__":
    unittest.main()
