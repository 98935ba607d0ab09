"""Jobs a second that PgQueuer drains: DATABASE JOBS CONSUMERS BATCH."""

import asyncio
import sys
import time

import asyncpg
import uvloop
from pgqueuer import PgQueuer
from pgqueuer.db import AsyncpgDriver
from pgqueuer.queries import Queries

url, jobs, consumers, batch = sys.argv[1], *map(int, sys.argv[2:5])
seen = 0


async def main():
    watching = await asyncpg.connect(url)
    queries = Queries(AsyncpgDriver(watching))
    try:
        await queries.uninstall()
    except Exception:
        pass  # the database is new
    await queries.install()
    for start in range(0, jobs, 5000):
        count = min(5000, jobs - start)
        await queries.enqueue(["noop"] * count, [None] * count, [0] * count)
    await watching.execute("VACUUM ANALYZE pgqueuer")
    await watching.execute("CHECKPOINT")

    ended = asyncio.Event()

    async def handle(job):
        global seen
        seen += 1
        if seen >= jobs:
            ended.set()

    queues = []
    for _ in range(consumers):
        queue = PgQueuer(AsyncpgDriver(await asyncpg.connect(url)))
        queue.entrypoint("noop")(handle)
        queues.append(queue)
    start = time.monotonic()
    running = [asyncio.create_task(queue.run(batch_size=batch)) for queue in queues]
    await ended.wait()
    # Only what the database knows counts.
    while await watching.fetchval("SELECT count(*) FROM pgqueuer") > 0:
        await asyncio.sleep(0.02)
    print(jobs / (time.monotonic() - start))
    for queue in queues:
        queue.shutdown.set()
    await asyncio.wait(running, timeout=10)


uvloop.run(main())
