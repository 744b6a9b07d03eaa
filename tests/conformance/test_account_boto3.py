"""boto3 against what xrayd keeps for an account: groups, tags, policies, settings, insights, telemetry."""

import json
import shutil
import tempfile
import unittest
from datetime import datetime, timedelta, timezone

import botocore.exceptions
from test_sampling_boto3 import client, rule
from xrayd_process import Xrayd

PREFIX = "arn:aws:xray:us-east-1:000000000000:"
POLICY = json.dumps({"Statement": {"Effect": "Allow", "Principal": "*", "Action": "xray:*"}})
INSIGHT = "12345678-1234-4234-8234-123456789012"


def known(*operations):
    """Debian's boto3 is older than some operations."""
    def decorate(test):
        def run(self):
            missing = [name for name in operations if not hasattr(self.xray, name)]
            if missing:
                self.skipTest(f"this boto3 has no {missing[0]}")
            test(self)
        return run
    return decorate


class Account(unittest.TestCase):
    def setUp(self):
        self.data_dir = tempfile.mkdtemp(prefix="xrayd-account-")
        self.addCleanup(shutil.rmtree, self.data_dir, ignore_errors=True)
        self.start()

    def start(self):
        self.xrayd = self.enterContext(Xrayd(data_dir=self.data_dir))
        self.xray = client(self.xrayd.url)
        self.addCleanup(self.xray.close)

    def assert_refused(self, code, words, call, **arguments):
        with self.assertRaises(botocore.exceptions.ClientError) as raised:
            call(**arguments)
        error = raised.exception
        self.assertEqual(error.response["Error"]["Code"], code)
        self.assertIn(words, error.response["Error"]["Message"])
        self.assertEqual(type(error).__name__, code)
        return error.response

    def test_a_group_is_made_read_changed_and_deleted(self):
        made = self.xray.create_group(
            GroupName="shop", FilterExpression="fault = true",
            InsightsConfiguration={"InsightsEnabled": True}, Tags=[{"Key": "team", "Value": "a"}],
        )["Group"]
        self.assertTrue(made["GroupARN"].startswith(PREFIX + "group/shop/"))
        self.assertEqual(made["InsightsConfiguration"],
                         {"InsightsEnabled": True, "NotificationsEnabled": False})
        self.assertEqual(self.xray.get_group(GroupARN=made["GroupARN"])["Group"], made)
        groups = [group for page in self.xray.get_paginator("get_groups").paginate()
                  for group in page["Groups"]]
        self.assertEqual([group["GroupName"] for group in groups], ["Default", "shop"])
        changed = self.xray.update_group(GroupName="shop", FilterExpression="error = true")["Group"]
        self.assertEqual(changed, {**made, "FilterExpression": "error = true"})
        self.assert_refused("InvalidRequestException", "shop already exists",
                            self.xray.create_group, GroupName="shop", FilterExpression="fault")
        self.assert_refused("InvalidRequestException", "Error Location: line 1, position",
                            self.xray.create_group, GroupName="bad", FilterExpression="fault ? 1")
        self.xray.delete_group(GroupName="shop")
        self.assert_refused("InvalidRequestException", "Group not found",
                            self.xray.get_group, GroupName="shop")

    def test_groups_and_rules_are_tagged(self):
        group = self.xray.create_group(GroupName="shop", FilterExpression="fault = true")["Group"]
        made = self.xray.create_sampling_rule(SamplingRule=rule("shop"))["SamplingRuleRecord"]
        for arn in (group["GroupARN"], made["SamplingRule"]["RuleARN"]):
            self.xray.tag_resource(ResourceARN=arn, Tags=[{"Key": "a", "Value": "1"},
                                                          {"Key": "b", "Value": ""}])
            self.xray.untag_resource(ResourceARN=arn, TagKeys=["b", "absent"])
            self.assertEqual(self.xray.list_tags_for_resource(ResourceARN=arn)["Tags"],
                             [{"Key": "a", "Value": "1"}])
        response = self.assert_refused("ResourceNotFoundException", "Resource not found",
                                       self.xray.list_tags_for_resource, ResourceARN="nowhere")
        self.assertEqual(response["ResponseMetadata"]["HTTPStatusCode"], 404)
        self.assertEqual(response["ResourceName"], "nowhere")

    @known("put_resource_policy", "list_resource_policies", "delete_resource_policy")
    def test_resource_policies_have_revisions(self):
        put = self.xray.put_resource_policy
        first = put(PolicyName="a", PolicyDocument=POLICY)["ResourcePolicy"]
        second = put(PolicyName="a", PolicyDocument=POLICY,
                     PolicyRevisionId=first["PolicyRevisionId"])["ResourcePolicy"]
        self.assertNotEqual(first["PolicyRevisionId"], second["PolicyRevisionId"])
        self.assertEqual(self.xray.list_resource_policies()["ResourcePolicies"], [second])
        self.assert_refused("InvalidPolicyRevisionIdException", "revision", put, PolicyName="a",
                            PolicyDocument=POLICY, PolicyRevisionId="0")
        self.assert_refused("MalformedPolicyDocumentException", "JSON", put, PolicyName="a",
                            PolicyDocument="no")
        self.assert_refused("PolicySizeLimitExceededException", "5120", put, PolicyName="a",
                            PolicyDocument=POLICY + " " * 5120)
        for name in "bcde":
            put(PolicyName=name, PolicyDocument=POLICY)
        self.assert_refused("PolicyCountLimitExceededException", "5", put, PolicyName="f",
                            PolicyDocument=POLICY)
        self.xray.delete_resource_policy(PolicyName="a")

    def test_encryption_is_updating_and_then_active(self):
        put = self.xray.put_encryption_config(Type="KMS", KeyId="alias/shop")["EncryptionConfig"]
        self.assertEqual(put, {"KeyId": "alias/shop", "Status": "UPDATING", "Type": "KMS"})
        self.assertEqual(self.xray.get_encryption_config()["EncryptionConfig"],
                         {**put, "Status": "ACTIVE"})

    @known("get_indexing_rules", "update_indexing_rule")
    def test_the_indexing_rule_is_changed(self):
        changed = self.xray.update_indexing_rule(
            Name="Default", Rule={"Probabilistic": {"DesiredSamplingPercentage": 12.5}},
        )["IndexingRule"]
        self.assertEqual(changed["Rule"]["Probabilistic"]["DesiredSamplingPercentage"], 12.5)
        self.assertEqual(self.xray.get_indexing_rules()["IndexingRules"], [changed])
        self.assert_refused("ResourceNotFoundException", "not found",
                            self.xray.update_indexing_rule, Name="x",
                            Rule={"Probabilistic": {"DesiredSamplingPercentage": 1}})

    @known("get_trace_segment_destination", "update_trace_segment_destination")
    def test_the_destination_is_stored(self):
        for name in ("CloudWatchLogs", "XRay"):
            self.xray.update_trace_segment_destination(Destination=name)
            answer = self.xray.get_trace_segment_destination()
            self.assertEqual((answer["Destination"], answer["Status"]), (name, "ACTIVE"))

    def test_there_are_no_insights(self):
        now = datetime.now(timezone.utc)
        times = {"StartTime": now - timedelta(hours=1), "EndTime": now}
        pages = self.xray.get_insight_summaries(GroupName="Default", States=["ACTIVE"], **times)
        self.assertEqual(pages["InsightSummaries"], [])
        for call, more in ((self.xray.get_insight, {}), (self.xray.get_insight_events, {}),
                           (self.xray.get_insight_impact_graph, times)):
            self.assert_refused("InvalidRequestException", "Insight not found", call,
                                InsightId=INSIGHT, **more)

    def test_telemetry_is_summed(self):
        self.xray.put_telemetry_records(
            Hostname="shop", TelemetryRecords=[{
                "Timestamp": datetime.now(timezone.utc), "SegmentsReceivedCount": 7,
                "BackendConnectionErrors": {"HTTPCode5XXCount": 2}}])
        text = self.xrayd.request("GET", "/metrics")[2].decode()
        self.assertIn('xrayd_reported_segments_total{kind="received"} 7\n', text)
        self.assertIn('xrayd_reported_errors_total{kind="http_5xx"} 2\n', text)

    def test_everything_outlives_the_daemon(self):
        self.xray.create_group(GroupName="shop", FilterExpression="fault = true")
        self.xray.put_encryption_config(Type="KMS", KeyId="alias/shop")
        before = (self.xray.get_groups()["Groups"],
                  self.xray.get_encryption_config()["EncryptionConfig"])
        self.assertEqual(self.xrayd.stop(), 0)
        self.start()
        self.assertEqual(before, (self.xray.get_groups()["Groups"],
                                  self.xray.get_encryption_config()["EncryptionConfig"]))


if __name__ == "__main__":
    unittest.main()
