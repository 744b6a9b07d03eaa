"""xrayd export, import and clear: on a directory, and through the daemon that has it."""

import json
import os
import shutil
import subprocess
import tempfile
import time
import unittest

from segments import UdpSender, datagram, new_trace_id, segment
from xrayd_process import Xrayd, binary, environment


def run(command, *arguments, stdin=b"", timeout=120):
    """`xrayd <command> ...`: exit status, standard output, standard error."""
    done = subprocess.run([binary(), command, *arguments], input=stdin, capture_output=True,
                          env=environment(), timeout=timeout, check=False)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def documents_of(trace_id):
    """A trace of a segment with a call, and a part of it that came on its own."""
    root = segment(trace_id, annotations={"n": 1}, subsegments=[
        {"id": os.urandom(8).hex(), "name": "db", "namespace": "remote",
         "start_time": time.time() - 0.1, "end_time": time.time()}])
    part = {"type": "subsegment", "trace_id": trace_id, "parent_id": root["id"],
            "id": os.urandom(8).hex(), "name": "part", "start_time": time.time() - 0.2,
            "end_time": time.time() - 0.1}
    return [json.dumps(root), json.dumps(part)]


class StoreCommands(unittest.TestCase):
    def setUp(self):
        self.home = tempfile.mkdtemp(prefix="xrayd-test-")
        self.addCleanup(shutil.rmtree, self.home, ignore_errors=True)

    def path(self, name):
        return os.path.join(self.home, name)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as out:
            out.write(text)
        return self.path(name)

    def new_store(self, name, count):
        """A directory with so many traces; their ids, and what BatchGetTraces answers of them."""
        ids = [new_trace_id() for _ in range(count)]
        with Xrayd(data_dir=self.path(name)) as xrayd:
            texts = [text for trace_id in ids for text in documents_of(trace_id)]
            xrayd.call("/TraceSegments", TraceSegmentDocuments=texts)
            return ids, self.answers(xrayd, ids), texts

    @staticmethod
    def answers(xrayd, ids):
        return sorted(xrayd.traces(ids), key=lambda trace: trace["Id"])

    def test_what_is_exported_and_imported_elsewhere_is_answered_alike(self):
        ids, before, texts = self.new_store("a", 30)
        status, out, err = run("export", "--data-dir", self.path("a"))
        self.assertEqual(status, 0, err)
        self.assertEqual(sorted(out.splitlines()), sorted(texts))
        self.assertIn("exported 60 documents of 30 traces", err)

        status, _, err = run("import", "--data-dir", self.path("b"), stdin=out.encode())
        self.assertEqual(status, 0, err)
        self.assertIn("60 documents taken", err)
        with Xrayd(data_dir=self.path("b")) as xrayd:
            self.assertEqual(self.answers(xrayd, ids), before)

    def test_importing_an_export_again_changes_nothing(self):
        ids, before, _ = self.new_store("a", 5)
        run("export", "--data-dir", self.path("a"), "-o", self.path("out.jsonl"))
        status, _, err = run("import", "--data-dir", self.path("a"), self.path("out.jsonl"))
        self.assertEqual(status, 0, err)
        with Xrayd(data_dir=self.path("a")) as xrayd:
            self.assertEqual(self.answers(xrayd, ids), before)
        _, again, _ = run("export", "--data-dir", self.path("a"))
        with open(self.path("out.jsonl"), encoding="utf-8") as out:
            self.assertEqual(sorted(again.splitlines()), sorted(out.read().splitlines()))

    def test_a_running_daemon_is_found_by_its_directory_and_answers_what_came_just_now(self):
        trace_id = new_trace_id()
        with Xrayd(data_dir=self.path("a")) as xrayd:
            text = json.dumps(segment(trace_id))
            xrayd.call("/TraceSegments", TraceSegmentDocuments=[text])
            status, out, err = run("export", "--data-dir", self.path("a"))
            self.assertEqual((status, out), (0, text + "\n"), err)
            self.assertIn(f"the daemon at 127.0.0.1:{xrayd.tcp_port}", err)
            other = new_trace_id()
            status, _, err = run("import", "--data-dir", self.path("a"),
                                 stdin="\n".join(documents_of(other)).encode())
            self.assertEqual(status, 0, err)
            self.assertEqual(xrayd.traces([other])[0]["Id"], other)
            status, out, _ = run("export", "--address", f"127.0.0.1:{xrayd.tcp_port}")
            self.assertEqual(len(out.splitlines()), 3)
            self.assertEqual(xrayd.request("GET", "/readyz")[0], 200)

    def test_traces_that_are_in_journals_only_are_exported(self):
        trace_id = new_trace_id()
        text = json.dumps(segment(trace_id))
        with Xrayd(data_dir=self.path("a")) as xrayd:
            xrayd.call("/TraceSegments", TraceSegmentDocuments=[text])
            xrayd.kill()
        status, out, err = run("export", "--data-dir", self.path("a"))
        self.assertEqual((status, out), (0, text + "\n"), err)

    def test_a_kill_between_import_and_export_loses_nothing_that_was_taken(self):
        ids = [new_trace_id() for _ in range(200)]
        texts = [text for trace_id in ids for text in documents_of(trace_id)]
        with Xrayd(data_dir=self.path("a")) as xrayd:
            status, _, err = run("import", "--address", xrayd.url,
                                 stdin="\n".join(texts).encode())
            self.assertEqual(status, 0, err)
            xrayd.kill()
        status, out, err = run("export", "--data-dir", self.path("a"))
        self.assertEqual(status, 0, err)
        self.assertEqual(sorted(out.splitlines()), sorted(texts))

    def test_filter_and_times_choose_traces(self):
        now = time.time()
        old_id = f"1-{int(now) - 7200:08x}-{os.urandom(12).hex()}"
        texts = [json.dumps(segment(name="shop", fault=True)), json.dumps(segment(name="till")),
                 json.dumps({"trace_id": old_id, "id": os.urandom(8).hex(), "name": "shop",
                             "start_time": now - 7200, "end_time": now - 7199})]
        with Xrayd(data_dir=self.path("a")) as xrayd:
            xrayd.call("/TraceSegments", TraceSegmentDocuments=texts)
            chosen = lambda *flags: run("export", "--data-dir", self.path("a"), *flags)[1].splitlines()
            self.assertEqual(chosen("--filter", 'service("shop") AND fault'), [texts[0]])
            self.assertEqual(chosen("--end", "1h"), [texts[2]])
            self.assertEqual(sorted(chosen("--start", "1h")), sorted(texts[:2]))
            self.assertEqual(chosen("--start", "1h", "--filter", 'service("till")'), [texts[1]])
            status, out, err = run("export", "--data-dir", self.path("a"), "--filter", "fault =")
            self.assertEqual((status, out), (2, ""), err)

    def test_an_answer_of_batch_get_traces_is_imported_without_what_was_inferred(self):
        ids, before, _ = self.new_store("a", 3)
        answer = json.dumps({"Traces": before, "UnprocessedTraceIds": []}, indent=4)
        self.assertIn("inferred", answer)
        file = self.write("answer.json", answer)
        status, _, err = run("import", "--data-dir", self.path("b"), file)
        self.assertEqual(status, 0, err)
        self.assertIn("3 inferred segments left out", err)
        with Xrayd(data_dir=self.path("b")) as xrayd:
            after = self.answers(xrayd, ids)
        parts = lambda traces: [sorted((entry["Id"], entry["Document"]) for entry in one["Segments"])
                                for one in traces]
        self.assertEqual([json.loads(document)["name"] for one in parts(after) for _, document in one],
                         [json.loads(document)["name"] for one in parts(before) for _, document in one])
        self.assertEqual([one["Id"] for one in after], [one["Id"] for one in before])

    def test_what_is_no_document_is_named_and_the_rest_is_taken(self):
        good = new_trace_id()
        file = self.write("in.jsonl", "nonsense\n\n" + json.dumps(segment(good)) + "\n{\"id\":1}\n")
        status, _, err = run("import", "--data-dir", self.path("a"), file)
        self.assertEqual(status, 1, err)
        self.assertIn(f"{file}:1: ", err)
        self.assertIn(f"{file}:4: ", err)
        self.assertIn("1 document taken", err)
        self.assertIn("2 refused", err)
        with Xrayd(data_dir=self.path("a")) as xrayd:
            self.assertEqual(xrayd.traces([good])[0]["Id"], good)

    def test_status_2_where_nothing_could_be_done(self):
        for arguments in (("export", "--data-dir", self.path("none")),
                          ("clear", "--yes", "--data-dir", self.path("none")),
                          ("clear", "--data-dir", self.path("none")),
                          ("import", "--data-dir", self.path("x"), self.path("no file")),
                          ("import", "--data-dir", self.path("x"), self.home),
                          ("import", "--data-dir", self.path("x"), self.write("bad", "nonsense\n")),
                          ("export", "--address", "127.0.0.1:1"),
                          ("export", "--start", "1h", "--end", "2h", "--data-dir", self.home),
                          ("export", "--nonsense")):
            with self.subTest(arguments):
                status, out, err = run(*arguments)
                self.assertEqual(status, 2, out + err)
                self.assertTrue(err)
        self.assertFalse(os.path.exists(self.path("none")))

    def test_old_traces_are_taken_counted_and_found_by_their_own_time(self):
        then = int(time.time()) - 30 * 86400
        trace_id = f"1-{then:08x}-{os.urandom(12).hex()}"
        text = json.dumps({"trace_id": trace_id, "id": os.urandom(8).hex(), "name": "old",
                           "start_time": then, "end_time": then + 1})
        with Xrayd(data_dir=self.path("a")) as xrayd:
            status, _, err = run("import", "--data-dir", self.path("a"), stdin=text.encode())
            self.assertEqual(status, 0, err)
            self.assertIn("1 of them belong to traces that began more than 168 hours ago", err)
            found = xrayd.call("/TraceSummaries", StartTime=then - 1, EndTime=then + 2)
            self.assertEqual([one["Id"] for one in found["TraceSummaries"]], [trace_id])
        # A command removes nothing for its age, whatever retention it is told.
        status, out, _ = run("export", "--data-dir", self.path("a"), "--retention-age", "1s")
        self.assertEqual((status, out), (0, text + "\n"))

    def test_clear_removes_all_traces_and_says_so(self):
        ids, _, _ = self.new_store("a", 4)
        status, _, err = run("clear", "--data-dir", self.path("a"))
        self.assertEqual(status, 2)
        self.assertIn("--yes", err)
        status, _, err = run("clear", "--yes", "--data-dir", self.path("a"))
        self.assertEqual(status, 0, err)
        self.assertIn("removed 4 traces", err)
        self.assertEqual(run("export", "--data-dir", self.path("a"))[:2], (0, ""))
        with Xrayd(data_dir=self.path("a")) as xrayd:
            self.assertEqual(xrayd.call("/Traces", TraceIds=ids)["Traces"], [])

    def test_clear_goes_through_the_running_daemon_which_goes_on(self):
        with Xrayd(data_dir=self.path("a")) as xrayd:
            ids = [new_trace_id() for _ in range(3)]
            with UdpSender(xrayd.udp_port) as sender:
                for trace_id in ids:
                    sender.send(datagram(segment(trace_id)))
            xrayd.traces(ids)
            status, _, err = run("clear", "--yes", "--data-dir", self.path("a"))
            self.assertEqual(status, 0, err)
            self.assertIn("removed 3 traces", err)
            self.assertEqual(xrayd.call("/Traces", TraceIds=ids)["Traces"], [])
            xrayd.call("/TraceSegments", TraceSegmentDocuments=[json.dumps(segment(ids[0]))])
            self.assertEqual(len(xrayd.traces(ids[:1])), 1)

    def test_import_while_documents_come_by_udp_takes_both(self):
        with Xrayd(data_dir=self.path("a")) as xrayd, UdpSender(xrayd.udp_port) as sender:
            sent = [new_trace_id() for _ in range(50)]
            taken = [new_trace_id() for _ in range(50)]
            file = self.write("in.jsonl", "".join(json.dumps(segment(one)) + "\n" for one in taken))
            importing = subprocess.Popen([binary(), "import", "--address", xrayd.url, file],
                                         env=environment(), stderr=subprocess.PIPE)
            for trace_id in sent:
                sender.send(datagram(segment(trace_id)))
            err = importing.communicate(timeout=60)[1]
            self.assertEqual(importing.returncode, 0, err)
            self.assertEqual(len(xrayd.traces(sent + taken)), 100)

    def test_an_export_is_a_file_of_its_owners_or_not_there(self):
        self.new_store("a", 1)
        file = self.path("out.jsonl")
        status, out, _ = run("export", "--data-dir", self.path("a"), "--output", file)
        self.assertEqual((status, out), (0, ""))
        self.assertEqual(os.stat(file).st_mode & 0o777, 0o600)
        status, _, err = run("export", "--data-dir", self.path("a"), "-o", "/dev/full")
        self.assertNotEqual(status, 0)
        self.assertIn("No space left", err)
        status, _, _ = run("export", "--data-dir", self.path("none"), "-o", self.path("none.jsonl"))
        self.assertEqual(status, 2)
        self.assertFalse(os.path.exists(self.path("none.jsonl")))

    @unittest.skipUnless(os.geteuid() == 0, "only root can make what belongs to another")
    def test_a_directory_of_another_user_is_left_alone(self):
        self.new_store("a", 1)
        os.chown(self.path("a"), 12345, 12345)
        before = sorted(os.listdir(self.path("a")))
        status, _, err = run("export", "--data-dir", self.path("a"))
        self.assertEqual(status, 2)
        self.assertIn("belongs to another user", err)
        self.assertEqual(sorted(os.listdir(self.path("a"))), before)


if __name__ == "__main__":
    unittest.main()
