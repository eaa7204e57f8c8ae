"""The process that reads: an order on standard input, findings on standard output.

It ends when its input does: then whoever started it is gone.
"""

import asyncio
import os
import resource
import sys
import threading

from bri_harvesting import cpu_time
from bri_harvesting.child import CPU_SECONDS, MEMORY_BYTES
from bri_harvesting.exchange import read_order, write_finding
from bri_harvesting.reading import read


def main() -> int:
    """Read what is ordered, once."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    cpu_time.start()
    order = sys.stdin.buffer.readline()
    threading.Thread(target=_end_with_starter, daemon=True).start()
    asyncio.run(_read(order))
    return 0


def _end_with_starter() -> None:
    # Not through sys.stdin: whoever holds its lock while the interpreter ends, aborts it.
    while os.read(0, 65_536):
        pass
    os._exit(0)


async def _read(line: bytes) -> None:
    order = read_order(line)
    async for finding in read(order.source, order.cursor, order.probes, order.limits):
        sys.stdout.buffer.write(write_finding(finding))
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    sys.exit(main())
