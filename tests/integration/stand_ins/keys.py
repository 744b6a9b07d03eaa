"""Credentials that stand-ins give out."""

import datetime
import itertools

_numbers = itertools.count(1)


class Keys:
    """Keys like no others, valid for `life` seconds from `now` (Unix time)."""

    def __init__(self, prefix, now, life=3600):
        number = next(_numbers)
        self.id = f"ASIA{prefix}{number:08}"
        self.secret = f"secret/of+{prefix}{number:020}="
        self.token = f"token/of+{prefix}{number:020}=="
        end = datetime.datetime.fromtimestamp(int(now + life), datetime.timezone.utc)
        self.expiration = end.strftime("%Y-%m-%dT%H:%M:%SZ")

    def as_json(self):
        return {"AccessKeyId": self.id, "SecretAccessKey": self.secret, "Token": self.token,
                "Expiration": self.expiration}
