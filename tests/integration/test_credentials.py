"""Where xrayd gets its credentials from, seen by a stand-in of X-Ray that checks signatures."""

import json
import os
import tempfile
import time
import unittest

from forwarding_xrayd import ForwardingXrayd, documents
from stand_ins import xray
from stand_ins.metadata import ContainerAgent, InstanceMetadata
from stand_ins.sts import Sts
from stand_ins.xray import ACCESS_KEY, SECRET_KEY, XRayStandIn
from xrayd_process import wait_until

PLACE = ("-n", "us-east-1")
ROLE = "arn:aws:iam::123456789012:role/the-role"
# Nobody's real profile, and no real metadata service, has a part in these tests.
NOTHING = {"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None,
           "AWS_EC2_METADATA_DISABLED": "true"}


class Credentials(unittest.TestCase):
    def setUp(self):
        self.upstream = self.enterContext(XRayStandIn())
        self.upstream.keys = {}
        self.directory = self.enterContext(tempfile.TemporaryDirectory())

    def write(self, name, text):
        path = os.path.join(self.directory, name)
        with open(path + ".new", "w", encoding="utf-8") as file:
            file.write(text)
        os.rename(path + ".new", path)
        return path

    def start(self, *arguments, **variables):
        return self.enterContext(ForwardingXrayd(
            self.upstream, *arguments, variables=NOTHING | variables, place=PLACE))

    def assert_arrives(self, daemon, first=0):
        """Some documents arrive, well signed; the last upload."""
        before = self.upstream.document_count()
        daemon.send(documents(3, first))
        wait_until(lambda: self.upstream.document_count() >= before + 3, 20,
                   lambda: f"nothing arrived: {self.upstream.faults}\n{daemon.log}")
        self.assertEqual(self.upstream.faults, [])
        return self.upstream.uploads()[-1]

    def assert_signed_with(self, upload, keys):
        self.assertIn(f"Credential={keys.id}/", upload.headers["Authorization"])
        self.assertEqual(upload.headers["X-Amz-Security-Token"], keys.token)

    def assert_discreet(self, daemon, *keys):
        for each in keys:
            self.assertNotIn(each.secret, daemon.log)
            self.assertNotIn(each.token, daemon.log)

    def test_ec2_in_both_versions_of_its_service(self):
        for versions in ((1, 2), (2,), (1,)):
            with self.subTest(versions=versions), \
                    InstanceMetadata(versions=versions, known=self.upstream.keys) as metadata, \
                    ForwardingXrayd(self.upstream, "-l", "dev", place=PLACE, variables=NOTHING | {
                        "AWS_EC2_METADATA_DISABLED": None,
                        "AWS_EC2_METADATA_SERVICE_ENDPOINT": metadata.url}) as daemon:
                upload = self.assert_arrives(daemon)
                self.assert_signed_with(upload, metadata.given[0])
                self.assert_discreet(daemon, *metadata.given)

    def test_a_container_s_agent_with_a_token_that_changes_and_keys_that_are_renewed(self):
        token = self.write("token", "first")
        with ContainerAgent(token="first", life=4, known=self.upstream.keys) as agent:
            daemon = self.start("-l", "dev", AWS_CONTAINER_CREDENTIALS_FULL_URI=agent.credentials_url,
                                AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=token)
            self.assert_signed_with(self.assert_arrives(daemon), agent.given[0])
            self.write("token", "second")
            agent.token = "second"
            wait_until(lambda: len(agent.given) >= 2, 20, lambda: daemon.log)
            wait_until(lambda: daemon.metrics()["xrayd_credentials_refreshes_total"] >= 2, 20,
                       lambda: daemon.log)
            self.assertEqual(daemon.metrics().get("xrayd_credentials_failures_total"), 0)
            upload = self.assert_arrives(daemon, 10)
            self.assertNotIn(agent.given[0].id, upload.headers["Authorization"])
            self.assert_discreet(daemon, *agent.given)

    def test_a_role_is_taken_with_the_keys_at_hand(self):
        with Sts(region="us-east-1", callers={ACCESS_KEY: (SECRET_KEY, None)}, external_id="e/1",
                 known=self.upstream.keys) as sts:
            daemon = self.start("-r", ROLE, "--external-id", "e/1", "-l", "dev",
                                AWS_ACCESS_KEY_ID=ACCESS_KEY, AWS_SECRET_ACCESS_KEY=SECRET_KEY,
                                AWS_ENDPOINT_URL_STS=sts.url)
            self.assert_signed_with(self.assert_arrives(daemon), sts.given[0])
            self.assertEqual(sts.refusals, [])
            call = sts.calls[0]
            self.assertEqual(
                (call["RoleArn"], call["RoleSessionName"], call["DurationSeconds"], call["Caller"]),
                (ROLE, "xray-daemon", "900", ACCESS_KEY))
            self.assertIn(f"role {ROLE} by way of environment", daemon.log)
            self.assertNotIn(SECRET_KEY, daemon.log)
            self.assert_discreet(daemon, *sts.given)

    def test_a_role_is_taken_though_our_clock_is_wrong(self):
        with Sts(region="us-east-1", callers={ACCESS_KEY: (SECRET_KEY, None)},
                 known=self.upstream.keys) as sts:
            sts.clock_offset = 3600
            daemon = self.start("-r", ROLE, AWS_ACCESS_KEY_ID=ACCESS_KEY,
                                AWS_SECRET_ACCESS_KEY=SECRET_KEY, AWS_ENDPOINT_URL_STS=sts.url)
            self.assert_signed_with(self.assert_arrives(daemon), sts.given[0])
            self.assertEqual(sts.refusals, ["SignatureDoesNotMatch"])

    def test_a_web_identity_needs_the_region_of_the_option_only(self):
        token = self.write("token", "header.payload.signature")
        with Sts(region="us-east-1", web_tokens=["header.payload.signature"],
                 known=self.upstream.keys) as sts:
            daemon = self.start("-l", "dev", AWS_WEB_IDENTITY_TOKEN_FILE=token, AWS_ROLE_ARN=ROLE,
                                AWS_ROLE_SESSION_NAME="pod-7", AWS_ENDPOINT_URL_STS=sts.url)
            self.assert_signed_with(self.assert_arrives(daemon), sts.given[0])
            self.assertEqual(sts.calls[0]["RoleSessionName"], "pod-7")
            self.assertNotIn("header.payload.signature", daemon.log)
            self.assert_discreet(daemon, *sts.given)

    def test_profiles_lead_from_a_process_to_a_role(self):
        answer = self.write("answer", json.dumps(
            {"Version": 1, "AccessKeyId": ACCESS_KEY, "SecretAccessKey": SECRET_KEY}))
        config = self.write("config", f"""
[profile app]
role_arn = {ROLE}
source_profile = base
duration_seconds = 3600
[profile base]
credential_process = echo hush >&2; cat "{answer}"
""")
        with Sts(region="us-east-1", callers={ACCESS_KEY: (SECRET_KEY, None)},
                 known=self.upstream.keys) as sts:
            daemon = self.start(AWS_PROFILE="app", AWS_CONFIG_FILE=config,
                                AWS_ENDPOINT_URL_STS=sts.url)
            self.assert_signed_with(self.assert_arrives(daemon), sts.given[0])
            self.assertEqual(sts.calls[0]["DurationSeconds"], "3600")
            self.assertNotIn("hush", daemon.log)

    def test_absent_ones_are_said_once_and_nothing_is_lost_until_they_come(self):
        credentials = os.path.join(self.directory, "credentials")
        daemon = self.start(AWS_SHARED_CREDENTIALS_FILE=credentials)
        daemon.send(documents(5))
        wait_until(lambda: daemon.metrics().get("xrayd_credentials_failures_total", 0) >= 2, 20,
                   lambda: daemon.log)
        lines = [line for line in daemon.log.splitlines() if "no AWS credentials" in line]
        self.assertEqual(len(lines), 1, daemon.log)
        for part in ("environment: AWS_ACCESS_KEY_ID is not set",
                     "web identity: AWS_WEB_IDENTITY_TOKEN_FILE is not set",
                     "profile default: ", "container metadata: ",
                     "EC2 metadata: AWS_EC2_METADATA_DISABLED is true"):
            self.assertIn(part, lines[0])
        status, _, body = daemon.request("GET", "/readyz")
        self.assertEqual(status, 503)
        self.assertIn(b"no AWS credentials", body)
        self.assertEqual(self.upstream.requests, [])
        self.upstream.keys[ACCESS_KEY] = SECRET_KEY
        self.write("credentials", f"[default]\naws_access_key_id = {ACCESS_KEY}\n"
                                  f"aws_secret_access_key = {SECRET_KEY}\n")
        wait_until(lambda: self.upstream.document_count() == 5, 20, lambda: daemon.log)
        self.assertEqual(self.upstream.faults, [])
        self.assertEqual(daemon.request("GET", "/readyz")[0], 200)

    def test_expired_ones_are_replaced_and_nothing_is_lost(self):
        with ContainerAgent(known=self.upstream.keys) as agent:
            daemon = self.start(AWS_CONTAINER_CREDENTIALS_FULL_URI=agent.credentials_url)
            self.assert_arrives(daemon)
            # Look-ups that refusals cause keep their distance from one another.
            self.upstream.always = xray.expired(agent.given[0].id)
            daemon.send(documents(5, 100))
            wait_until(lambda: self.upstream.document_count() == 8, 20, lambda: daemon.log)
            self.assert_signed_with(self.upstream.uploads()[-1], agent.given[1])
            self.assertEqual(len(agent.given), 2)

    def test_an_agent_in_trouble_is_asked_until_it_is_well(self):
        faults = ("reset", "garbage", 500, "empty")
        with ContainerAgent(known=self.upstream.keys) as agent:
            for fault in faults:
                agent.fail_with(fault, times=1)
            daemon = self.start(AWS_CONTAINER_CREDENTIALS_FULL_URI=agent.credentials_url)
            self.assert_arrives(daemon)
            self.assertEqual(agent.count("GET", "/credentials"), len(faults) + 1)

    def test_a_stop_does_not_wait_for_services_that_hang(self):
        with ContainerAgent() as agent, InstanceMetadata() as ec2:
            agent.fail_with("hang")
            ec2.fail_with("hang")
            config = self.write("config", "[default]\ncredential_process = sleep 600\n")
            daemon = self.start("--drain-timeout", "500ms", AWS_CONFIG_FILE=config,
                                AWS_CONTAINER_CREDENTIALS_FULL_URI=agent.credentials_url,
                                AWS_EC2_METADATA_DISABLED=None,
                                AWS_EC2_METADATA_SERVICE_ENDPOINT=ec2.url)
            # Twice: for credentials, and for the instance's name.
            wait_until(lambda: agent.count("GET") == 1 and ec2.count("PUT") >= 2, 20,
                       lambda: daemon.log)
            begin = time.monotonic()
            self.assertEqual(daemon.stop(), 0)
            self.assertLess(time.monotonic() - begin, 2)


if __name__ == "__main__":
    unittest.main()
