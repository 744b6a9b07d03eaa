"""Debian's Perl with Redis::Fast, whose hiredis is a shared library."""

import unittest

from preloaded import Preloaded
from recorder import subsegments
from redis_server import RedisServer


class PerlTest(unittest.TestCase):
    def test_redis_fast(self):
        with RedisServer() as server, Preloaded() as preloaded:
            output = preloaded.run("/usr/bin/perl", "-MRedis::Fast", "-e", """
                my $redis = Redis::Fast->new(server => "127.0.0.1:$ARGV[0]");
                $redis->set("key-hidden", "value-hidden");
                print $redis->get("key-hidden"), "\n";
            """, str(server.port))
            segment, = preloaded.recorder.segments(1)
        self.assertEqual(output, "value-hidden\n")
        self.assertEqual(segment["name"], "perl")
        self.assertNotIn("hidden", str(segment))
        self.assertIn("SET", str(subsegments(segment)))
        self.assertIn("GET", str(subsegments(segment)))


if __name__ == "__main__":
    unittest.main()
