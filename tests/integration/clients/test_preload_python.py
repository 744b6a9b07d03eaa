"""Debian's Python and its modules, as they are: their libraries come with a module, long after the
program has begun."""

import unittest

from mariadb import MariaDb
from postgresql import PostgreSql
from preloaded import Preloaded, as_parent, parent_of
from recorder import subsegments
from web_server import WebServer

PYTHON = "/usr/bin/python3"


class Modules(unittest.TestCase):
    def segment_of(self, code, *arguments, **environment):
        with Preloaded(**environment) as preloaded:
            self.output = preloaded.run(PYTHON, "-c", code, *arguments)
            segment, = preloaded.recorder.segments(1)
        self.assertEqual(segment["name"], "python3")
        self.assertNotIn("hidden", str(segment))
        return segment

    def test_sqlite3(self):
        segment = self.segment_of("""
import sqlite3
connection = sqlite3.connect(":memory:")
print(connection.execute("SELECT ?, 'hidden'", (5,)).fetchall())
""")
        self.assertEqual(self.output, "[(5, 'hidden')]\n")
        call, = segment["subsegments"]
        self.assertEqual(call["sql"]["database_type"], "SQLite")

    def test_pycurl(self):
        with WebServer() as server:
            segment = self.segment_of("""
import pycurl, sys
curl = pycurl.Curl()
curl.setopt(pycurl.URL, sys.argv[1] + "/here?hidden=1")
curl.setopt(pycurl.WRITEFUNCTION, lambda data: sys.stdout.write(data.decode()) and None)
curl.perform()
""", server.url)
            request, = server.requests()
        self.assertEqual(self.output, "here\n")
        call, = segment["subsegments"]
        self.assertEqual(request["trace"],
                         f"Root={segment['trace_id']};Parent={call['id']};Sampled=1")

    def test_psycopg2(self):
        with PostgreSql() as server:
            segment = self.segment_of("""
import psycopg2
connection = psycopg2.connect("")
cursor = connection.cursor()
cursor.execute("SELECT %s, 'hidden'", (471147114,))
print(cursor.fetchall())
""", **server.environment())
            self.assertNotIn(server.password, str(segment))
        self.assertEqual(self.output, "[(471147114, 'hidden')]\n")
        queries = [s["sql"].get("sanitized_query") for s in subsegments(segment) if "sql" in s]
        self.assertIn("SELECT ?", queries)

    def test_mysqldb(self):
        with MariaDb() as server:
            segment = self.segment_of("""
import sys, MySQLdb
connection = MySQLdb.connect(host="127.0.0.1", port=int(sys.argv[1]), user=sys.argv[2],
                             password=sys.argv[3], database="shop")
cursor = connection.cursor()
cursor.execute("SELECT %s, 'hidden'", (471147114,))
print(cursor.fetchall())
""", str(server.port), server.user, server.password)
            self.assertNotIn(server.password, str(segment))
        self.assertEqual(self.output, "((471147114, 'hidden'),)\n")
        queries = [s["sql"].get("sanitized_query") for s in subsegments(segment) if "sql" in s]
        self.assertIn("SELECT ?", queries)


class Children(unittest.TestCase):
    def test_subprocess_goes_on_below_it_whatever_environment_it_is_given(self):
        code = """
import os, sqlite3, subprocess, sys
query = "import sqlite3; sqlite3.connect(':memory:').execute('SELECT 1')"
sqlite3.connect(":memory:").execute("SELECT 1")
subprocess.run([sys.executable, "-c", query], check=True)
subprocess.run([sys.executable, "-c", query], check=True, env=dict(os.environ))
subprocess.run([sys.executable, "-c", query], check=True, close_fds=False)
"""
        with Preloaded() as preloaded:
            preloaded.run(PYTHON, "-c", code)
            parent, *children = preloaded.recorder.segments(4)
        self.assertEqual([parent_of(child) for child in children], [as_parent(parent)] * 3)

    def test_forked_workers_have_a_segment_each(self):
        code = """
import multiprocessing, sqlite3
def work(number):
    return sqlite3.connect(":memory:").execute("SELECT ?", (number,)).fetchone()[0]
if __name__ == "__main__":
    work(0)
    with multiprocessing.get_context("fork").Pool(2) as pool:
        print(pool.map(work, range(4)))
        pool.close()
        pool.join()
"""
        with Preloaded() as preloaded:
            self.assertEqual(preloaded.run(PYTHON, "-c", code), "[0, 1, 2, 3]\n")
            parent, *children = preloaded.recorder.segments(
                len(preloaded.recorder.documents(2)))
        self.assertEqual(len(subsegments(parent)), 1)
        self.assertEqual({parent_of(child) for child in children}, {as_parent(parent)})
        self.assertEqual(sum(len(subsegments(child)) for child in children), 4)

    def interrupted(self, code):
        """The status of a program that is interrupted once it says that it is ready."""
        with Preloaded() as preloaded:
            process = preloaded.start(PYTHON, "-u", "-c", code)
            process.send_signal(2)
            process.communicate(timeout=60)
            preloaded.recorder.segments(1)
        return process.returncode

    def test_an_interrupt_is_pythons_own(self):
        self.assertEqual(self.interrupted("""
import sqlite3, sys, time
sqlite3.connect(":memory:").execute("SELECT 1")
try:
    print("ready")
    time.sleep(60)
except KeyboardInterrupt:
    sys.exit(9)
"""), 9)

    def test_a_program_that_an_interrupt_ends_has_its_segment(self):
        self.assertEqual(self.interrupted("""
import sqlite3, time
sqlite3.connect(":memory:").execute("SELECT 1")
print("ready")
time.sleep(60)
"""), -2)


if __name__ == "__main__":
    unittest.main()
