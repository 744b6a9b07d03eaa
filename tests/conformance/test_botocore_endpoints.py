"""Our table of endpoints beside the rules and the partitions of Debian's botocore."""

import itertools
import unittest

from botocore.endpoint_provider import EndpointProvider
from botocore.exceptions import BotoCoreError
from botocore.loaders import Loader

from aws_program import ask

# What came after Debian's botocore: written down from AWS's later tables.
LATER = {
    "il-central-1": ("aws", "xray.il-central-1.amazonaws.com", "xray.il-central-1.api.aws"),
    "mx-central-1": ("aws", "xray.mx-central-1.amazonaws.com", "xray.mx-central-1.api.aws"),
    "eu-isoe-west-1": ("aws-iso-e", "xray.eu-isoe-west-1.cloud.adc-e.uk",
                       "xray.eu-isoe-west-1.api.cloud-aws.adc-e.uk"),
    "us-isof-south-1": ("aws-iso-f", "xray.us-isof-south-1.csp.hci.ic.gov",
                        "xray.us-isof-south-1.api.aws.hci.ic.gov"),
    "eusc-de-east-1": ("aws-eusc", "xray.eusc-de-east-1.amazonaws.eu",
                       "xray.eusc-de-east-1.api.amazonwebservices.eu"),
    "us-iso-east-1": ("aws-iso", "xray.us-iso-east-1.c2s.ic.gov",
                      "xray.us-iso-east-1.api.aws.ic.gov"),
    "us-isob-east-1": ("aws-iso-b", "xray.us-isob-east-1.sc2s.sgov.gov",
                       "xray.us-isob-east-1.api.aws.scloud"),
}
UNHEARD_OF = ["us-west-9", "ap-middle-12", "cn-south-7", "us-gov-north-3", "us-iso-south-2",
              "us-isob-north-4", "nowhere-1", "xx-north-1", "us-gov", "moon", "us-east-1a", "a"]


def question(service, region, fips=False, dual_stack=False, sts_global=False):
    return {"service": service, "region": region, "fips": fips, "dual_stack": dual_stack,
            "sts_global": sts_global}


class EndpointsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        loader = Loader()
        cls.partitions = loader.load_data("partitions")
        cls.providers = {
            service: EndpointProvider(
                loader.load_service_model(service, "endpoint-rule-set-1"), cls.partitions
            )
            for service in ("xray", "sts")
        }
        cls.known = {
            region: partition
            for partition in cls.partitions["partitions"] for region in partition["regions"]
        }

    def botocore(self, asked):
        parameters = {"Region": asked["region"], "UseFIPS": asked["fips"],
                      "UseDualStack": asked["dual_stack"]}
        if asked["service"] == "sts":
            parameters["UseGlobalEndpoint"] = asked["sts_global"]
        endpoint = self.providers[asked["service"]].resolve_endpoint(**parameters)
        schemes = endpoint.properties.get("authSchemes", [{}])
        return endpoint.url, schemes[0].get("signingRegion", asked["region"])

    def test_every_region_every_option_both_services(self):
        regions = [*self.known, *UNHEARD_OF]
        self.assertGreater(len(regions), 40)
        questions = [
            question(service, region, *options)
            for region in regions
            for service in ("xray", "sts")
            for options in itertools.product((False, True), repeat=3)
        ]
        compared = 0
        for asked, answer in zip(questions, ask("endpoint", questions)):
            try:
                url, signing_region = self.botocore(asked)
            except BotoCoreError:
                # Only where its older table has no dual-stack endpoints yet.
                self.assertTrue(asked["dual_stack"] and "-iso" in asked["region"], asked)
                continue
            with self.subTest(**asked):
                self.assertEqual(answer["url"], url)
                self.assertEqual(answer["signing_region"], signing_region)
            compared += 1
        self.assertGreater(compared, len(questions) * 8 // 10)

    def test_every_region_is_in_its_partition(self):
        questions = [question("xray", region) for region in self.known]
        for asked, answer in zip(questions, ask("endpoint", questions)):
            partition = self.known[asked["region"]]
            self.assertEqual(answer["partition"], partition["id"], asked)

    def test_regions_that_debian_s_botocore_has_not_heard_of(self):
        questions = [
            question("xray", region, dual_stack=dual_stack)
            for region in LATER for dual_stack in (False, True)
        ]
        for asked, answer in zip(questions, ask("endpoint", questions)):
            partition, *hosts = LATER[asked["region"]]
            with self.subTest(**asked):
                self.assertEqual(answer["partition"], partition)
                self.assertEqual(answer["url"], "https://" + hosts[asked["dual_stack"]])


if __name__ == "__main__":
    unittest.main()
