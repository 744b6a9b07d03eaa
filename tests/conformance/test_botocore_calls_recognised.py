"""Requests as Debian's botocore makes and signs them, and what we recognise in them."""

import json
import os
import subprocess
import unittest

import botocore.session
from botocore.config import Config

SECRETS = {"AKIDCONFORMANCE", "SECRETACCESSKEY", "SESSIONTOKEN", "PRIVATE"}
TABLE = {"TableName": "carts"}
KEY = {"id": {"S": "PRIVATE"}}
QUEUE = {"QueueUrl": "https://sqs.eu-west-1.amazonaws.com/123456789012/orders"}
OBJECT = {"Bucket": "photos", "Key": "a/cat one+ü.jpg"}
SEEN_OBJECT = {"bucket_name": "photos", "key": OBJECT["Key"]}

# Service, operation, what it is called with; the parameters that must be recognised.
CALLS = [
    ("dynamodb", "GetItem", {**TABLE, "Key": KEY, "ConsistentRead": True},
     {"table_name": "carts", "consistent_read": True}),
    ("dynamodb", "PutItem", {**TABLE, "Item": KEY}, {"table_name": "carts"}),
    ("dynamodb", "DeleteItem", {**TABLE, "Key": KEY}, {"table_name": "carts"}),
    ("dynamodb", "Query", {**TABLE, "Limit": 5, "IndexName": "by-name", "ScanIndexForward": False,
                           "KeyConditionExpression": "id = :i",
                           "ExpressionAttributeValues": {":i": {"S": "PRIVATE"}}},
     {"table_name": "carts", "limit": 5, "index_name": "by-name", "scan_index_forward": False}),
    ("dynamodb", "Scan", {**TABLE, "Segment": 1, "TotalSegments": 4},
     {"table_name": "carts", "segment": 1, "total_segments": 4}),
    ("dynamodb", "BatchGetItem",
     {"RequestItems": {"carts": {"Keys": [KEY]}, "people": {"Keys": [KEY]}}},
     {"table_names": ["carts", "people"]}),
    ("dynamodb", "ListTables", {"Limit": 3}, {"limit": 3}),
    ("sqs", "SendMessage", {**QUEUE, "MessageBody": "PRIVATE", "DelaySeconds": 5},
     {"queue_url": QUEUE["QueueUrl"], "delay_seconds": 5}),
    ("sqs", "ReceiveMessage", {**QUEUE, "WaitTimeSeconds": 20, "MaxNumberOfMessages": 10},
     {"queue_url": QUEUE["QueueUrl"], "wait_time_seconds": 20, "max_number_of_messages": 10}),
    ("sqs", "DeleteMessage", {**QUEUE, "ReceiptHandle": "PRIVATE"},
     {"queue_url": QUEUE["QueueUrl"]}),
    ("sqs", "GetQueueUrl", {"QueueName": "orders"}, {"queue_name": "orders"}),
    ("sqs", "ListQueues", {"QueueNamePrefix": "ord"}, {"queue_name_prefix": "ord"}),
    ("sns", "Publish", {"TopicArn": "arn:aws:sns:eu-west-1:123456789012:news", "Message": "PRIVATE"},
     {"topic_arn": "arn:aws:sns:eu-west-1:123456789012:news"}),
    ("sns", "ListTopics", {}, {}),
    ("lambda", "Invoke", {"FunctionName": "price", "InvocationType": "Event", "Qualifier": "$LATEST",
                          "Payload": b'"PRIVATE"'},
     {"function_name": "price", "invocation_type": "Event", "qualifier": "$LATEST"}),
    ("lambda", "ListFunctions", {}, {}),
    ("lambda", "GetFunction", {"FunctionName": "price"}, {"function_name": "price"}),
    ("lambda", "PublishVersion", {"FunctionName": "price"}, {"function_name": "price"}),
    ("iam", "GetUser", {"UserName": "PRIVATE"}, {}),
    ("sts", "GetCallerIdentity", {}, {}),
    ("sts", "AssumeRole", {"RoleArn": "arn:aws:iam::123456789012:role/x",
                           "RoleSessionName": "PRIVATE-1"}, {}),
    ("kms", "Decrypt", {"CiphertextBlob": b"PRIVATE"}, {}),
    ("secretsmanager", "GetSecretValue", {"SecretId": "PRIVATE"}, {}),
    ("ssm", "GetParameter", {"Name": "PRIVATE"}, {}),
    ("kinesis", "PutRecord", {"StreamName": "s", "Data": b"PRIVATE", "PartitionKey": "p"}, {}),
    ("stepfunctions", "StartExecution",
     {"stateMachineArn": "arn:aws:states:eu-west-1:123456789012:stateMachine:x"}, {}),
    ("events", "PutEvents", {"Entries": [{"Detail": "PRIVATE"}]}, {}),
    ("logs", "DescribeLogGroups", {}, {}),
    ("ec2", "DescribeInstances", {}, {}),
    ("cloudwatch", "ListMetrics", {}, {}),
    ("sagemaker-runtime", "InvokeEndpoint", {"EndpointName": "model", "Body": b"PRIVATE"},
     {"endpoint_name": "model"}),
    ("rds-data", "ExecuteStatement",
     {"resourceArn": "arn:aws:rds:eu-west-1:123456789012:cluster:c", "sql": "PRIVATE",
      "secretArn": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:s"}, {}),
    ("sesv2", "SendEmail", {"Content": {"Raw": {"Data": b"PRIVATE"}}}, {}),
    ("s3", "ListBuckets", {}, {}),
    ("s3", "CreateBucket", {"Bucket": "photos"}, {"bucket_name": "photos"}),
    ("s3", "HeadBucket", {"Bucket": "photos"}, {"bucket_name": "photos"}),
    ("s3", "ListObjects", {"Bucket": "photos", "Prefix": "a/"},
     {"bucket_name": "photos", "prefix": "a/"}),
    ("s3", "ListObjectsV2", {"Bucket": "photos", "Prefix": "a/"},
     {"bucket_name": "photos", "prefix": "a/"}),
    ("s3", "ListObjectVersions", {"Bucket": "photos"}, {"bucket_name": "photos"}),
    ("s3", "GetBucketLocation", {"Bucket": "photos"}, {"bucket_name": "photos"}),
    ("s3", "ListBucketMetricsConfigurations", {"Bucket": "photos"}, {"bucket_name": "photos"}),
    ("s3", "GetBucketMetricsConfiguration", {"Bucket": "photos", "Id": "1"},
     {"bucket_name": "photos"}),
    ("s3", "GetObject", {**OBJECT, "VersionId": "v1"}, {**SEEN_OBJECT, "version_id": "v1"}),
    ("s3", "HeadObject", OBJECT, SEEN_OBJECT),
    ("s3", "PutObject", {**OBJECT, "Body": b"PRIVATE"}, SEEN_OBJECT),
    ("s3", "DeleteObject", OBJECT, SEEN_OBJECT),
    ("s3", "DeleteObjects", {"Bucket": "photos", "Delete": {"Objects": [{"Key": "PRIVATE"}]}},
     {"bucket_name": "photos"}),
    ("s3", "CopyObject", {**OBJECT, "CopySource": {"Bucket": "from", "Key": "k"}},
     {**SEEN_OBJECT, "copy_source": "from/k"}),
    ("s3", "GetObjectTagging", OBJECT, SEEN_OBJECT),
    ("s3", "CreateMultipartUpload", OBJECT, SEEN_OBJECT),
    ("s3", "UploadPart", {**OBJECT, "UploadId": "u", "PartNumber": 1, "Body": b"PRIVATE"},
     SEEN_OBJECT),
    ("s3", "ListParts", {**OBJECT, "UploadId": "u"}, SEEN_OBJECT),
    ("s3", "CompleteMultipartUpload", {**OBJECT, "UploadId": "u"}, SEEN_OBJECT),
    ("s3", "AbortMultipartUpload", {**OBJECT, "UploadId": "u"}, SEEN_OBJECT),
]

# Where the request is signed for the first region of all.
GLOBAL = {"https://iam.amazonaws.com/", "https://sts.amazonaws.com/"}


def clients(endpoint, **s3):
    session = botocore.session.Session(profile="none-of-this-machine")
    session.full_config["profiles"].setdefault("none-of-this-machine", {})
    made = {}

    def client(service):
        if service not in made:
            made[service] = session.create_client(
                service, region_name="eu-west-1", endpoint_url=endpoint,
                aws_access_key_id="AKIDCONFORMANCE", aws_secret_access_key="SECRETACCESSKEY",
                aws_session_token="SESSIONTOKEN",
                config=Config(s3=s3 or None, parameter_validation=True, signature_version="v4"
                              if service != "s3" else "s3v4"),
            )
        return made[service]

    return client


def request_of(client, operation, arguments):
    """The request of a call as it would be sent; nothing is sent."""
    sent = []

    def keep(request, **_):
        sent.append(request)
        raise KeyboardInterrupt  # what no retry handler catches

    client.meta.events.register_first("before-send", keep)
    try:
        client._make_api_call(operation, arguments)  # its public methods have Python's names
    except KeyboardInterrupt:
        pass
    finally:
        client.meta.events.unregister("before-send", keep)
    return as_question(sent[0])


def as_question(request):
    body = request.body or b""
    if hasattr(body, "read"):
        body = body.read()
    if isinstance(body, str):
        body = body.encode()
    return {
        "method": request.method,
        "url": request.url,
        "headers": [
            (name, value.decode() if isinstance(value, bytes) else str(value))
            for name, value in request.headers.items()
        ],
        "body": body.decode("utf-8", "replace"),
    }


def ask(questions):
    program = os.path.join(os.environ["XRAY_BIN_DIR"], "aws_calls_program")
    lines = "".join(json.dumps(question) + "\n" for question in questions)
    done = subprocess.run(
        [program], input=lines.encode(), stdout=subprocess.PIPE, timeout=120, check=True,
    )
    answers = [json.loads(line) for line in done.stdout.decode().splitlines()]
    assert len(answers) == len(questions), (len(answers), len(questions))
    return answers


class RecognisedTest(unittest.TestCase):
    maxDiff = None

    def check(self, client):
        questions = [request_of(client(service), operation, arguments)
                     for service, operation, arguments, _ in CALLS]
        for (service, operation, _, parameters), question, answer in zip(
                CALLS, questions, ask(questions)):
            with self.subTest(service=service, operation=operation, url=question["url"]):
                region = "us-east-1" if question["url"] in GLOBAL else "eu-west-1"
                self.assertEqual(answer["kind"], "aws")
                self.assertEqual(
                    answer["service"], str(client(service).meta.service_model.service_id))
                self.assertEqual(answer["operation"], operation)
                self.assertEqual(answer["region"], region)
                self.assertEqual(answer["parameters"], parameters)
                for secret in SECRETS:
                    self.assertNotIn(secret, json.dumps(answer))

    def test_at_its_endpoints(self):
        self.check(clients(None))

    def test_at_an_endpoint_of_ones_own(self):
        self.check(clients("http://127.0.0.1:4566"))

    def test_with_buckets_in_the_path(self):
        self.check(clients(None, addressing_style="path"))

    def test_with_buckets_in_the_host(self):
        self.check(clients(None, addressing_style="virtual"))

    def test_through_dual_stack(self):
        self.check(clients(None, use_dualstack_endpoint=True))

    def test_attempts_are_counted(self):
        [answer] = ask([request_of(clients(None)("dynamodb"), "GetItem", {**TABLE, "Key": KEY})])
        self.assertEqual(answer["attempt"], 1)

    def test_presigned_urls(self):
        client = clients(None)("s3")
        url = client.generate_presigned_url("get_object", Params=OBJECT)
        [answer] = ask([{"method": "GET", "url": url, "headers": [], "body": ""}])
        self.assertEqual(
            (answer["service"], answer["operation"], answer["region"], answer["parameters"]),
            ("S3", "GetObject", "eu-west-1", SEEN_OBJECT),
        )

    def test_xrays_own_calls_are_never_traced(self):
        client = clients(None)("xray")
        for operation, arguments in [("PutTraceSegments", {"TraceSegmentDocuments": ["{}"]}),
                                     ("GetSamplingRules", {})]:
            [answer] = ask([request_of(client, operation, arguments)])
            self.assertEqual(answer["kind"], "never_trace")


if __name__ == "__main__":
    unittest.main()
