"""Which region xrayd takes, and that nothing waits for it."""

import json
import os
import re
import subprocess
import tempfile
import time
import unittest

from forwarding_xrayd import ForwardingXrayd, documents
from stand_ins.metadata import ContainerAgent, InstanceMetadata
from stand_ins.xray import XRayStandIn
from xrayd_process import binary, environment, wait_until

MESSAGE = ("Cannot fetch region variable from config file, environment variables, ecs metadata, "
           "or ec2 metadata. Use local-mode to use the local config region.")
NO_EC2 = {"AWS_EC2_METADATA_DISABLED": "true"}


class Region(unittest.TestCase):
    def region_of(self, *arguments, **variables):
        """The region of a daemon started so, by its log and by what it signs for."""
        with XRayStandIn() as upstream, ForwardingXrayd(
                upstream, variables=variables, place=arguments) as daemon:
            match = wait_until(lambda: re.search(r"Using region: (\S+)", daemon.log), 20,
                               lambda: daemon.log)
            upstream.region = match[1]
            daemon.send(documents(2))
            wait_until(lambda: upstream.document_count() == 2, 20, lambda: daemon.log)
            self.assertEqual(upstream.faults, [])
            return match[1]

    def run_to_end(self, *arguments, **variables):
        """A daemon that can't start: exit status, output, seconds."""
        begin = time.monotonic()
        done = subprocess.run(
            [binary(), "-b", "127.0.0.1:0", "-t", "127.0.0.1:0", *arguments],
            env=environment() | {"HOME": "/nonexistent"} | variables, capture_output=True,
            text=True, timeout=30, check=False)
        return done.returncode, done.stdout + done.stderr, time.monotonic() - begin

    def test_the_option_comes_before_the_variable(self):
        self.assertEqual(self.region_of("-n", "eu-west-1", AWS_REGION="eu-west-2", **NO_EC2),
                         "eu-west-1")
        self.assertEqual(self.region_of(AWS_REGION="eu-west-2", **NO_EC2), "eu-west-2")

    def test_a_stop_does_not_wait_for_the_region(self):
        with XRayStandIn() as upstream, InstanceMetadata() as ec2:
            ec2.fail_with("hang")
            with ForwardingXrayd(upstream, place=(), variables={
                    "AWS_EC2_METADATA_SERVICE_ENDPOINT": ec2.url}) as daemon:
                begin = time.monotonic()
                self.assertEqual(daemon.stop(), 0)
                self.assertLess(time.monotonic() - begin, 2)
                self.assertIn("Got shutdown signal: terminated", daemon.log)

    def test_a_task_s_metadata_come_before_those_of_ec2(self):
        with InstanceMetadata() as ec2, ContainerAgent() as agent, \
                tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            ec2.fail_with("hang")
            json.dump({"TaskARN": "arn:aws:ecs:ca-central-1:123456789012:task/x"}, file)
            file.flush()
            ec2_url = {"AWS_EC2_METADATA_SERVICE_ENDPOINT": ec2.url, "AWS_HOSTNAME": "h",
                       "AWS_INSTANCE_ID": "i"}
            self.assertEqual(
                self.region_of(ECS_ENABLE_CONTAINER_METADATA="true",
                               ECS_CONTAINER_METADATA_FILE=file.name, **ec2_url), "ca-central-1")
            self.assertEqual(
                self.region_of(ECS_CONTAINER_METADATA_URI_V4=agent.metadata_url, **ec2_url),
                "ap-south-1")

    def test_ec2_s_identity_document_tells(self):
        for versions in ((2,), (1,)):
            with self.subTest(versions=versions), InstanceMetadata(versions=versions) as ec2:
                # AWS_DEFAULT_REGION is for local mode only.
                self.assertEqual(
                    self.region_of(AWS_EC2_METADATA_SERVICE_ENDPOINT=ec2.url,
                                   AWS_DEFAULT_REGION="us-west-1"), "eu-central-1")

    def test_local_mode_asks_nobody(self):
        with InstanceMetadata() as ec2, tempfile.TemporaryDirectory() as directory:
            config = os.path.join(directory, "config")
            with open(config, "w", encoding="utf-8") as file:
                file.write("[default]\nregion = eu-north-1\n")
            url = {"AWS_EC2_METADATA_SERVICE_ENDPOINT": ec2.url, "AWS_CONFIG_FILE": config}
            self.assertEqual(self.region_of("-o", **url), "eu-north-1")
            self.assertEqual(self.region_of("-o", AWS_DEFAULT_REGION="us-west-1", **url),
                             "us-west-1")
            self.assertEqual(ec2.requests, [])

    def test_none_is_said_in_the_known_words_within_five_seconds(self):
        with InstanceMetadata() as ec2:
            for fault in ("hang", 404, "garbage", None):
                with self.subTest(fault=fault):
                    if fault is None:
                        ec2.go_down()
                    else:
                        ec2.be_well()
                        ec2.fail_with(fault)
                    status, output, seconds = self.run_to_end(
                        AWS_EC2_METADATA_SERVICE_ENDPOINT=ec2.url)
                    self.assertEqual(status, 1, output)
                    self.assertIn(f"[Error] {MESSAGE}", output)
                    self.assertIn("EC2 metadata: ", output)
                    self.assertLess(seconds, 5)
            ec2.come_up()

    def test_one_that_can_t_be_one_is_named(self):
        status, output, _ = self.run_to_end(AWS_REGION="nowhere.example", **NO_EC2)
        self.assertEqual(status, 1)
        self.assertIn("AWS_REGION: 'nowhere.example' is no region", output)

    def test_documents_are_taken_while_it_is_looked_for(self):
        with XRayStandIn() as upstream, InstanceMetadata() as ec2:
            ec2.fail_with("hang", times=1)
            with ForwardingXrayd(upstream, place=(), variables={
                    "AWS_EC2_METADATA_SERVICE_ENDPOINT": ec2.url}) as daemon:
                self.assertNotIn("Using region", daemon.log)
                daemon.send(documents(3))
                upstream.region = "eu-central-1"
                wait_until(lambda: upstream.document_count() == 3, 20, lambda: daemon.log)
                self.assertEqual(upstream.faults, [])


if __name__ == "__main__":
    unittest.main()
