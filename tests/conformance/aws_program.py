"""Asks aws_program, a line of JSON for a line of JSON."""

import json
import os
import subprocess


def ask(command, questions):
    program = os.path.join(os.environ["XRAY_BIN_DIR"], "aws_program")
    lines = "".join(json.dumps(question) + "\n" for question in questions)
    done = subprocess.run(
        [program, command], input=lines.encode(), stdout=subprocess.PIPE, timeout=120, check=True,
    )
    answers = [json.loads(line) for line in done.stdout.decode().splitlines()]
    assert len(answers) == len(questions), (len(answers), len(questions))
    return answers
