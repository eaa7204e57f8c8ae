"""Whose processor time a benchmark tells."""

import subprocess
import sys

from tests.bench.processors import started, used

BURN = """
import subprocess, sys, time
until = time.process_time() + 0.2
while time.process_time() < until: pass
subprocess.run([sys.executable, "-c", sys.argv[1]]) if len(sys.argv) > 1 else None
print("burnt", flush=True)
sys.stdin.read()
"""


def test_a_group_has_the_time_of_what_it_started() -> None:
    """Of children that ended too; a process that is not there has used nothing."""
    words = [sys.executable, "-c", BURN]
    with (
        subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as alone,
        subprocess.Popen(
            [*words, BURN.replace("sys.stdin.read()", "")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        ) as parent,
    ):
        for each in (alone, parent):
            assert each.stdout is not None
            while each.stdout.readline() != b"burnt\n":
                pass
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"burnt\n"  # its child's word came first
        told = used({"alone": [alone.pid], "parent": [parent.pid], "nobody": [2**22 + 1]})
        assert told["alone"] >= 0.19
        assert told["parent"] >= 0.38
        assert told["nobody"] == 0
        both = used({"both": [alone.pid, parent.pid]})["both"]
        assert both >= told["alone"] + told["parent"]
        name = sys.executable.rpartition("/")[2][:15]
        assert {alone.pid, parent.pid} <= {*started(name), *started("python3"), *started("python")}
        for each in (alone, parent):
            each.communicate()
