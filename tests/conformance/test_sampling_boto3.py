"""Debian's boto3 and its AWS CLI against xrayd's sampling: every operation, limits, errors, restarts."""

import json
import os
import shutil
import subprocess
import tempfile
import threading
import time
import unittest

import boto3
import botocore
import botocore.exceptions
from botocore.config import Config
from xrayd_process import Xrayd

AWS = "/usr/bin/aws"
CLIENT_ID = "0123456789abcdef01234567"
PATTERNS = ("ResourceARN", "ServiceName", "ServiceType", "Host", "HTTPMethod", "URLPath")


def client(url, signed=True, checks=True):
    """`checks` off sends what the service, not the client, has to refuse."""
    session = boto3.session.Session(aws_access_key_id="local", aws_secret_access_key="local")
    config = Config(
        region_name="us-east-1", retries={"max_attempts": 0}, read_timeout=30, connect_timeout=10,
        parameter_validation=checks, signature_version=None if signed else botocore.UNSIGNED,
    )
    return session.client("xray", endpoint_url=url, config=config)


def rule(name, **members):
    return {
        "RuleName": name, "Priority": 10, "FixedRate": 0.1, "ReservoirSize": 5, "Version": 1,
        **dict.fromkeys(PATTERNS, "*"), **members,
    }


def statistics(name, client_id=CLIENT_ID, **members):
    return {"RuleName": name, "ClientID": client_id, "Timestamp": int(time.time()),
            "RequestCount": 1, "SampledCount": 0, "BorrowCount": 0, **members}


class WithXrayd(unittest.TestCase):
    ARGUMENTS = ()

    def setUp(self):
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            del os.environ[name]
        self.xrayd = self.enterContext(Xrayd(None, *self.ARGUMENTS))
        self.xray = self.client()
        self.lenient = self.client(checks=False)

    def client(self, **options):
        each = client(self.xrayd.url, **options)
        self.addCleanup(each.close)
        return each

    def names(self):
        records = self.xray.get_sampling_rules()["SamplingRuleRecords"]
        return [record["SamplingRule"]["RuleName"] for record in records]

    def assert_refused(self, code, words, call, **arguments):
        with self.assertRaises(botocore.exceptions.ClientError) as raised:
            call(**arguments)
        response = raised.exception.response
        self.assertEqual(response["Error"]["Code"], code)
        self.assertIn(words, response["Error"]["Message"])
        self.assertEqual(response["ResponseMetadata"]["HTTPStatusCode"], 400)
        return raised.exception


class Rules(WithXrayd):
    def test_a_rule_is_made_read_changed_and_deleted(self):
        made = self.xray.create_sampling_rule(
            SamplingRule=rule("checkout", Attributes={"k": "v"}),
            Tags=[{"Key": "team", "Value": "shop"}])["SamplingRuleRecord"]
        self.assertEqual(made["SamplingRule"]["Attributes"], {"k": "v"})
        self.assertAlmostEqual(made["CreatedAt"].timestamp(), time.time(), delta=5)
        arn = made["SamplingRule"]["RuleARN"]
        self.assertEqual(arn, "arn:aws:xray:us-east-1:000000000000:sampling-rule/checkout")
        self.assertEqual(self.xray.get_sampling_rules()["SamplingRuleRecords"][0], made)

        changed = self.xray.update_sampling_rule(
            SamplingRuleUpdate={"RuleARN": arn, "FixedRate": 0.0})["SamplingRuleRecord"]
        self.assertEqual(changed["SamplingRule"], {**made["SamplingRule"], "FixedRate": 0.0})
        self.assertGreater(changed["ModifiedAt"], changed["CreatedAt"])

        gone = self.xray.delete_sampling_rule(RuleName="checkout")["SamplingRuleRecord"]
        self.assertEqual(gone, changed)
        self.assertEqual(self.names(), ["Default"])

    def test_rules_are_listed_by_priority_and_name_through_the_paginator(self):
        for name, priority in (("b", 2), ("last", 9999), ("a", 2), ("first", 1)):
            self.xray.create_sampling_rule(SamplingRule=rule(name, Priority=priority))
        pages = self.xray.get_paginator("get_sampling_rules").paginate()
        names = [r["SamplingRule"]["RuleName"] for page in pages
                 for r in page["SamplingRuleRecords"]]
        self.assertEqual(names, ["first", "a", "b", "last", "Default"])

    def test_the_smallest_and_the_largest_rule_are_taken(self):
        self.xray.create_sampling_rule(SamplingRule=rule(
            "s", Priority=1, FixedRate=0, ReservoirSize=0, **dict.fromkeys(PATTERNS, "")))
        largest = rule(
            "n" * 32, Priority=9999, FixedRate=1, ReservoirSize=2**31 - 1, ResourceARN="r" * 500,
            ServiceName="s" * 64, ServiceType="t" * 64, Host="h" * 64, HTTPMethod="m" * 10,
            URLPath="u" * 128, Attributes={str(i) * 32: "v" * 32 for i in range(5)})
        tags = [{"Key": f"{i:128}", "Value": "v" * 256} for i in range(50)]
        made = self.xray.create_sampling_rule(SamplingRule=largest, Tags=tags)
        answered = made["SamplingRuleRecord"]["SamplingRule"]
        self.assertEqual({**largest, "RuleARN": answered["RuleARN"]}, answered)

    def test_the_limits_of_the_model_are_validation_errors(self):
        for members, words in (
            ({"RuleName": ""}, "greater than or equal to 1"),
            ({"RuleName": "n" * 33}, "less than or equal to 32"),
            ({"ResourceARN": "r" * 501}, "less than or equal to 500"),
            ({"Priority": 0}, "samplingRule.priority"),
            ({"Priority": 10000}, "samplingRule.priority"),
            ({"FixedRate": 1.1}, "samplingRule.fixedRate"),
            ({"FixedRate": -1}, "samplingRule.fixedRate"),
            ({"ReservoirSize": -1}, "samplingRule.reservoirSize"),
            ({"ServiceName": "s" * 65}, "less than or equal to 64"),
            ({"ServiceType": "s" * 65}, "less than or equal to 64"),
            ({"Host": "s" * 65}, "less than or equal to 64"),
            ({"HTTPMethod": "s" * 11}, "less than or equal to 10"),
            ({"URLPath": "s" * 129}, "less than or equal to 128"),
            ({"Version": 0}, "samplingRule.version"),
            ({"Attributes": {str(i): "v" for i in range(6)}}, "less than or equal to 5"),
            ({"Priority": 0, "Version": 0}, "2 validation errors detected"),
        ):
            with self.subTest(members):
                self.assert_refused("ValidationException", words, self.lenient.create_sampling_rule,
                                    SamplingRule={**rule("x"), **members})
        for name in rule("x"):
            with self.subTest(missing=name):
                members = {k: v for k, v in rule("x").items() if k != name}
                self.assert_refused(
                    "ValidationException",
                    f"Value null at 'samplingRule.{name[0].lower()}{name[1:]}' failed to satisfy "
                    "constraint: Member must not be null",
                    self.lenient.create_sampling_rule, SamplingRule=members)
        self.assertEqual(self.names(), ["Default"])

    def test_what_makes_no_sense_is_an_invalid_request(self):
        self.xray.create_sampling_rule(SamplingRule=rule("taken"))
        create, update = self.xray.create_sampling_rule, self.xray.update_sampling_rule
        delete = self.xray.delete_sampling_rule
        for words, call, arguments in (
            ("already exists", create, {"SamplingRule": rule("taken")}),
            ("reserved", create, {"SamplingRule": rule("Default")}),
            ("not found", update, {"SamplingRuleUpdate": {"RuleName": "nobody"}}),
            ("either", update, {"SamplingRuleUpdate": {}}),
            ("not both", update, {"SamplingRuleUpdate": {"RuleName": "taken", "RuleARN": "a"}}),
            ("Priority", update, {"SamplingRuleUpdate": {"RuleName": "taken", "Priority": 0}}),
            ("FixedRate", update, {"SamplingRuleUpdate": {"RuleName": "taken", "FixedRate": 2}}),
            ("default", update, {"SamplingRuleUpdate": {"RuleName": "Default", "Priority": 1}}),
            ("Default", delete, {"RuleName": "Default"}),
            ("not found", delete, {"RuleName": "nobody"}),
            ("not found", delete, {"RuleARN": "nobody"}),
            ("not both", delete, {"RuleName": "taken", "RuleARN": "a"}),
            ("either", delete, {}),
        ):
            with self.subTest(words=words, arguments=arguments):
                raised = self.assert_refused("InvalidRequestException", words, call, **arguments)
                self.assertIsInstance(raised, self.xray.exceptions.InvalidRequestException)

    def test_the_26th_rule_is_one_too_many(self):
        for i in range(25):
            self.xray.create_sampling_rule(SamplingRule=rule(f"rule-{i}"))
        raised = self.assert_refused("RuleLimitExceededException", "25",
                                     self.xray.create_sampling_rule, SamplingRule=rule("more"))
        self.assertIsInstance(raised, self.xray.exceptions.RuleLimitExceededException)
        self.assertEqual(len(self.names()), 26)

    def test_every_way_of_asking_is_answered(self):
        expected = json.loads(self.xrayd.request("POST", "/GetSamplingRules", "{}")[2])
        for body in (None, "", "{}", '{"NextToken":null}'):
            for headers in ({}, {"Content-Type": "application/json"}, {"Content-Type": "text/plain"},
                            {"Authorization": "AWS4-HMAC-SHA256 Credential=x"}):
                with self.subTest(body=body, headers=headers):
                    status, _, answer = self.xrayd.request("POST", "/GetSamplingRules", body, headers)
                    self.assertEqual((status, json.loads(answer)), (200, expected))
        unsigned = self.client(signed=False).get_sampling_rules()
        self.assertEqual(unsigned["SamplingRuleRecords"],
                         self.xray.get_sampling_rules()["SamplingRuleRecords"])

    def test_changes_are_in_the_log(self):
        self.xray.create_sampling_rule(SamplingRule=rule("checkout\nforged"))
        self.xray.delete_sampling_rule(RuleName="checkout\nforged")
        self.xrayd.stop()
        self.assertIn(r"sampling: created rule checkout\nforged: priority 10, reservoir 5, rate 0.1",
                      self.xrayd.log)
        self.assertIn(r"sampling: deleted rule checkout\nforged", self.xrayd.log)


class Targets(WithXrayd):
    ARGUMENTS = ("--sampling-interval", "2", "--log-level", "debug")

    def targets(self, *documents, **others):
        return self.xray.get_sampling_targets(SamplingStatisticsDocuments=documents, **others)

    def test_two_clients_share_the_reservoir(self):
        self.xray.create_sampling_rule(SamplingRule=rule("shared", ReservoirSize=11))
        ids = [f"{n:024x}" for n in range(2)]
        for _ in range(2):
            answers = [self.targets(statistics("shared", each)) for each in ids]
        [first], [second] = [answer["SamplingTargetDocuments"] for answer in answers]
        self.assertEqual((first["ReservoirQuota"], second["ReservoirQuota"]), (6, 5))
        self.assertEqual((first["Interval"], first["FixedRate"]), (2, 0.1))
        self.assertAlmostEqual(first["ReservoirQuotaTTL"].timestamp(), time.time() + 4, delta=2)

        def alone():
            [target] = self.targets(statistics("shared", ids[1]))["SamplingTargetDocuments"]
            return target["ReservoirQuota"]
        deadline = time.monotonic() + 15
        while alone() != 11:
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.3)

    def test_a_change_of_rules_is_newer_than_a_fetch_before_it(self):
        fetched = time.time()
        self.xray.create_sampling_rule(SamplingRule=rule("new"))
        modified = self.targets()["LastRuleModification"].timestamp()
        self.assertGreaterEqual(modified, fetched)
        self.assertLess(modified, time.time() + 2)

    def test_an_unknown_rule_is_unprocessed(self):
        answer = self.targets(statistics("nobody"), statistics("Default"))
        self.assertEqual(answer["UnprocessedStatistics"],
                         [{"RuleName": "nobody", "ErrorCode": "400", "Message": "Unknown rule"}])
        [target] = answer["SamplingTargetDocuments"]
        self.assertEqual((target["RuleName"], target["FixedRate"]), ("Default", 1.0))

    def test_the_limits_of_the_model_are_validation_errors(self):
        call = self.lenient.get_sampling_targets
        for documents, words in (
            ([statistics("Default")] * 26, "samplingStatisticsDocuments"),
            ([statistics("Default", "x" * 23)], "samplingStatisticsDocuments.1.member.clientID"),
            ([statistics("Default"), statistics("Default", "x" * 25)], ".2.member.clientID"),
            ([statistics("")], "ruleName"),
            ([statistics("n" * 33)], "ruleName"),
            ([statistics("Default", RequestCount=-1)], "requestCount"),
            ([statistics("Default", SampledCount=-1)], "sampledCount"),
            ([statistics("Default", BorrowCount=-1)], "borrowCount"),
            ([{}], "5 validation errors"),
        ):
            with self.subTest(words):
                self.assert_refused("ValidationException", words, call,
                                    SamplingStatisticsDocuments=documents)
        self.assert_refused("ValidationException", "Value null at", call)
        self.assertEqual(len(self.targets(*[statistics("Default")] * 25)
                             ["SamplingTargetDocuments"]), 25)

    def test_reports_are_summed_up_in_summaries_metrics_and_the_log(self):
        name = 'odd "name" \\'
        self.xray.create_sampling_rule(SamplingRule=rule(name))
        for each in range(3):
            self.targets(statistics(name, f"{each:024x}", RequestCount=110, SampledCount=20,
                                    BorrowCount=10),
                         statistics("Default", f"{each:024x}", RequestCount=5))
        rows = self.xray.get_sampling_statistic_summaries()["SamplingStatisticSummaries"]
        times = [row["Timestamp"].timestamp() for row in rows]
        self.assertEqual(times, sorted(times, reverse=True))
        self.assertEqual({t % 10 for t in times}, {0})
        sums = [sum(row[key] for row in rows if row["RuleName"] == name)
                for key in ("RequestCount", "SampledCount", "BorrowCount")]
        self.assertEqual(sums, [330, 60, 30])

        metrics = self.xrayd.metrics()
        label = r'{rule="odd \"name\" \\"}'
        self.assertEqual(metrics["xrayd_sampling_requests_total" + label], 330)
        self.assertEqual(metrics["xrayd_sampling_sampled_total" + label], 60)
        self.assertEqual(metrics["xrayd_sampling_borrowed_total" + label], 30)
        self.assertEqual(metrics['xrayd_sampling_calls_total{operation="GetSamplingTargets"}'], 3)
        self.assertEqual(self.xrayd.stop(), 0)
        # At most once a minute: the first report at once, the others here at the end.
        self.assertEqual(self.xrayd.log.count("[Info] sampling: rule "), 2)
        self.assertIn(
            f"sampling: rule Default 5 requests, 0 sampled, 0 borrowed; rule {name} 110 requests, "
            "20 sampled, 10 borrowed\n", self.xrayd.log)
        self.assertIn(f"rule {name} 220 requests, 40 sampled, 20 borrowed\n", self.xrayd.log)
        self.assertEqual(self.xrayd.log.count(f"rule {name}: 110 requests"), 3)
        self.assertIn("xrayd_sampling_requests_total=345", self.xrayd.log)

    def test_many_clients_at_once_are_counted_and_never_get_more_than_there_is(self):
        self.xray.create_sampling_rule(SamplingRule=rule("shared", ReservoirSize=10))
        quotas = {}

        def ask(number):
            for _ in range(20):
                answer = self.xrayd.call("/SamplingTargets", SamplingStatisticsDocuments=[
                    statistics("shared", f"{number:024x}")])
                quotas[number] = answer["SamplingTargetDocuments"][0]["ReservoirQuota"]
        threads = [threading.Thread(target=ask, args=(n,)) for n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for number in range(8):
            [target] = self.targets(statistics("shared", f"{number:024x}"))[
                "SamplingTargetDocuments"]
            quotas[number] = target["ReservoirQuota"]
        self.assertEqual(sum(quotas.values()), 10)
        counted = self.xrayd.metrics()['xrayd_sampling_requests_total{rule="shared"}']
        self.assertEqual(counted, 8 * 20 + 8)


class Restarts(unittest.TestCase):
    def setUp(self):
        self.data_dir = tempfile.mkdtemp(prefix="xrayd-test-")
        self.addCleanup(shutil.rmtree, self.data_dir, ignore_errors=True)

    def rules(self, *arguments, stop=Xrayd.stop):
        with Xrayd(None, *arguments, data_dir=self.data_dir) as xrayd:
            records = xrayd.call("/GetSamplingRules")["SamplingRuleRecords"]
            stop(xrayd)
        return {r["SamplingRule"]["RuleName"]: r for r in records}

    def test_what_was_answered_is_there_after_sigkill(self):
        expected = {"Default": None}
        for number in range(5):
            with Xrayd(data_dir=self.data_dir) as xrayd:
                expected["Default"] = xrayd.call("/UpdateSamplingRule", SamplingRuleUpdate={
                    "RuleName": "Default", "FixedRate": number / 10})["SamplingRuleRecord"]
                for name in (f"rule-{number}", f"goes-{number}"):
                    made = xrayd.call("/CreateSamplingRule", SamplingRule=rule(name))
                    expected[name] = made["SamplingRuleRecord"]
                xrayd.call("/DeleteSamplingRule", RuleName=f"goes-{number}")
                del expected[f"goes-{number}"]
                xrayd.kill()
            self.assertEqual(self.rules(stop=Xrayd.kill), expected)

    def test_an_explicit_rate_wins_at_the_start_and_an_update_after_it(self):
        def rate(*arguments):
            return self.rules(*arguments)["Default"]["SamplingRule"]["FixedRate"]
        self.assertEqual(rate(), 1.0)
        self.assertEqual(rate("--default-sampling", "0.05"), 0.05)
        with Xrayd(None, "--default-sampling", "0.5", data_dir=self.data_dir) as xrayd:
            xrayd.call("/UpdateSamplingRule",
                       SamplingRuleUpdate={"RuleName": "Default", "FixedRate": 0.25})
            self.assertEqual(xrayd.call("/GetSamplingRules")["SamplingRuleRecords"][0]
                             ["SamplingRule"]["FixedRate"], 0.25)
        self.assertEqual(rate(), 0.25)
        self.assertEqual(rate("--default-sampling", "0.5"), 0.5)

    def test_a_damaged_file_of_rules_is_set_aside_and_said(self):
        with Xrayd(data_dir=self.data_dir) as xrayd:
            xrayd.call("/CreateSamplingRule", SamplingRule=rule("lost"))
        with open(os.path.join(self.data_dir, "sampling.db"), "wb") as file:
            file.write(b"no rules " * 1000)
        with Xrayd(data_dir=self.data_dir) as xrayd:
            self.assertIn("sampling.db", xrayd.log)
            self.assertIn("set aside", xrayd.log)
            xrayd.call("/CreateSamplingRule", SamplingRule=rule("again"))
        self.assertEqual(set(self.rules()), {"again", "Default"})


class BeyondLoopback(unittest.TestCase):
    def test_samplers_need_no_token_and_those_who_change_rules_do(self):
        token = "sampling-token"
        anywhere = {"Host": "xray-service.default:2000"}
        with Xrayd(None, "--bind-tcp", "0.0.0.0:0", "--console-token", token) as xrayd:
            def status(path, body="{}", **headers):
                return xrayd.request("POST", path, body, {**anywhere, **headers})[0]
            self.assertEqual(status("/GetSamplingRules"), 200)
            self.assertEqual(status("/SamplingTargets", '{"SamplingStatisticsDocuments":[]}'), 200)
            create = json.dumps({"SamplingRule": rule("x")})
            for path, body in (("/CreateSamplingRule", create),
                               ("/UpdateSamplingRule",
                                '{"SamplingRuleUpdate":{"RuleName":"x","Priority":2}}'),
                               ("/SamplingStatisticSummaries", "{}"),
                               ("/DeleteSamplingRule", '{"RuleName":"x"}')):
                with self.subTest(path):
                    self.assertEqual(status(path, body), 401)
                    self.assertEqual(status(path, body, Authorization="Bearer " + token), 200)


class AwsCli(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.home = cls.enterClassContext(tempfile.TemporaryDirectory())
        cls.xrayd = cls.enterClassContext(Xrayd())

    def run_cli(self, *arguments):
        environment = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
        environment |= {"HOME": self.home, "AWS_EC2_METADATA_DISABLED": "true", "AWS_PAGER": ""}
        return subprocess.run(
            [AWS, "xray", *arguments, "--endpoint-url", self.xrayd.url, "--region", "us-east-1",
             "--output", "json", "--no-sign-request"],
            env=environment, capture_output=True, text=True, timeout=120, check=False)

    def cli(self, *arguments):
        done = self.run_cli(*arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def test_a_rule_goes_through_its_whole_life(self):
        path = os.path.join(self.home, "rule.json")
        with open(path, "w", encoding="ascii") as file:
            json.dump({"SamplingRule": rule("cli", Priority=7)}, file)
        made = self.cli("create-sampling-rule", "--cli-input-json", "file://" + path)
        self.assertEqual(made["SamplingRuleRecord"]["SamplingRule"]["Priority"], 7)
        names = [r["SamplingRule"]["RuleName"]
                 for r in self.cli("get-sampling-rules")["SamplingRuleRecords"]]
        self.assertEqual(names, ["cli", "Default"])

        again = self.run_cli("create-sampling-rule", "--cli-input-json", "file://" + path)
        self.assertNotEqual(again.returncode, 0)
        self.assertIn("(InvalidRequestException) when calling the CreateSamplingRule", again.stderr)

        changed = self.cli("update-sampling-rule", "--cli-input-json",
                           '{"SamplingRuleUpdate":{"RuleName":"cli","FixedRate":0.5}}')
        self.assertEqual(changed["SamplingRuleRecord"]["SamplingRule"]["FixedRate"], 0.5)

        answer = self.cli("get-sampling-targets", "--sampling-statistics-documents",
                          json.dumps([statistics("cli", RequestCount=12, SampledCount=3)]))
        [target] = answer["SamplingTargetDocuments"]
        self.assertEqual((target["FixedRate"], target["ReservoirQuota"], target["Interval"]),
                         (0.5, 5, 10))
        [summary] = self.cli("get-sampling-statistic-summaries")["SamplingStatisticSummaries"]
        self.assertEqual((summary["RuleName"], summary["RequestCount"], summary["SampledCount"]),
                         ("cli", 12, 3))

        gone = self.cli("delete-sampling-rule", "--rule-name", "cli")
        self.assertEqual(gone["SamplingRuleRecord"]["SamplingRule"]["RuleName"], "cli")
        self.assertEqual(len(self.cli("get-sampling-rules")["SamplingRuleRecords"]), 1)

    def test_a_violated_limit_is_told_in_the_services_words(self):
        done = self.run_cli("create-sampling-rule", "--sampling-rule",
                            json.dumps(rule("x", URLPath="u" * 129)))
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("(ValidationException)", done.stderr)
        self.assertIn("1 validation error detected: Value '", done.stderr)
        self.assertIn("Member must have length less than or equal to 128", done.stderr)


if __name__ == "__main__":
    unittest.main()
