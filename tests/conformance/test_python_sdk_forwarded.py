"""AWS's own SDK for Python sends to an xrayd that forwards: what arrives upstream, under signatures that
botocore verifies, is what the SDK recorded."""

import json
import os
import unittest

from aws_xray_sdk.core import AWSXRayRecorder

from forwarding_xrayd import ForwardingXrayd
from stand_ins.xray import XRayStandIn
from xrayd_process import wait_until


class PythonSdkForwarded(unittest.TestCase):
    def test_segments_arrive_as_they_were_recorded(self):
        os.environ.pop("AWS_XRAY_SDK_ENABLED", None)
        with XRayStandIn(tls=True) as upstream, ForwardingXrayd(upstream) as daemon:
            recorder = AWSXRayRecorder()
            recorder.configure(service="python-shop", sampling=False, context_missing="LOG_ERROR",
                               daemon_address=f"127.0.0.1:{daemon.udp_port}")
            recorded = {}
            for number in range(60):
                segment = recorder.begin_segment("python-shop")
                segment.put_annotation("number", number)
                segment.put_metadata("text", 'caf\u00e9 \u2028 "quoted" \\ \U0001f600')
                recorder.begin_subsegment("inner")
                recorder.end_subsegment()
                recorder.end_segment()
                recorded[segment.id] = json.loads(segment.serialize())
            wait_until(lambda: len(upstream.documents) >= len(recorded), 15,
                       lambda: f"{len(upstream.documents)} documents came\n{daemon.log}")
            arrived = {}
            for text in upstream.documents:
                document = json.loads(text)
                arrived[document["id"]] = document
            self.assertEqual(arrived, recorded)
            self.assertEqual(upstream.faults, [])
            self.assertEqual(daemon.stop(), 0)


if __name__ == "__main__":
    unittest.main()
