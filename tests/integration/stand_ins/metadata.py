"""Stand-ins of the services that tell a machine who it is: EC2's metadata, ECS's and EKS's agents."""

import time

from stand_ins.keys import Keys
from stand_ins.service import Answer, Service


class InstanceMetadata(Service):
    """EC2's metadata service, for AWS_EC2_METADATA_SERVICE_ENDPOINT.

    `versions` are those it knows: with 2 alone, a request without a token is refused; with 1
    alone, there is no token to be had. `role` None: the instance has none. `life` in seconds, may
    be negative. `given` are the keys given out so far; `known` gets them, too: secrets by id.
    """

    def __init__(self, region="eu-central-1", role="the-role", versions=(1, 2), life=6 * 3600,
                 known=None):
        self.region = region
        self.role = role
        self.versions = versions
        self.life = life
        self.given = []
        self.known = {} if known is None else known
        self._token = "instance-token-of-some-length=="
        super().__init__()

    def answer(self, request):
        if request.method == "PUT":
            return self._give_token(request)
        if request.method != "GET":
            return Answer(405)
        token = request.headers.get("X-aws-ec2-metadata-token")
        if token is None and 1 not in self.versions or token not in (None, self._token):
            return Answer(401)
        roles = "/latest/meta-data/iam/security-credentials/"
        if request.path == "/latest/dynamic/instance-identity/document":
            return Answer(200, {"region": self.region, "instanceId": "i-0123456789"})
        if request.path == "/latest/meta-data/instance-id":
            return Answer(200, "i-0123456789")
        if request.path == "/latest/meta-data/hostname":
            return Answer(200, "ip-10-0-0-1.ec2.internal")
        if request.path == roles and self.role:
            return Answer(200, self.role)
        if self.role and request.path == roles + self.role:
            keys = Keys("EC2", time.time() + self.clock_offset, self.life)
            self.known[keys.id] = keys.secret
            self.given.append(keys)
            return Answer(200, {"Code": "Success", "Type": "AWS-HMAC", **keys.as_json()})
        return Answer(404, "<html>not found</html>")

    def _give_token(self, request):
        if 2 not in self.versions or request.path != "/latest/api/token":
            return Answer(404)
        if not 1 <= int(request.headers.get("X-aws-ec2-metadata-token-ttl-seconds", 0)) <= 21600:
            return Answer(400)
        return Answer(200, self._token)


class ContainerAgent(Service):
    """ECS's agent and EKS's: credentials at `/credentials`, the task's metadata at `/v4/task`.

    With `token`, requests for credentials must carry it. `given` are the keys given out so far;
    `known` gets them, too: secrets by id.
    """

    def __init__(self, region="ap-south-1", token=None, life=6 * 3600, known=None):
        self.region = region
        self.token = token
        self.life = life
        self.given = []
        self.known = {} if known is None else known
        super().__init__()

    @property
    def credentials_url(self):
        return self.url + "/credentials"

    @property
    def metadata_url(self):
        """For ECS_CONTAINER_METADATA_URI_V4."""
        return self.url + "/v4"

    def answer(self, request):
        if request.path == "/v4/task":
            arn = f"arn:aws:ecs:{self.region}:123456789012:task/cluster/0123456789abcdef"
            return Answer(200, {"Cluster": "cluster", "TaskARN": arn, "Containers": []})
        if request.path != "/credentials":
            return Answer(404, {"code": "InvalidRequest", "message": "no such path"})
        if self.token is not None and request.headers.get("Authorization") != self.token:
            return Answer(401, {"code": "Unauthorized", "message": "wrong token"})
        keys = Keys("CONTAINER", time.time() + self.clock_offset, self.life)
        self.known[keys.id] = keys.secret
        self.given.append(keys)
        return Answer(200, {"RoleArn": "arn:aws:iam::123456789012:role/task", **keys.as_json()})
