"""Submits a job description several times at once and tells of each job as it ends.

    python many_jobs.py JOB.xml COUNT
"""

import asyncio
import sys
from pathlib import Path

from grms import AsyncClient, JobStatus


async def one(broker: AsyncClient, description: str) -> bool:
    job = await broker.submit(description)
    (info,) = await broker.wait(job.job_id)
    print(f"{info.job_id} {info.status}")
    return info.status is JobStatus.FINISHED


async def main() -> int:
    description = Path(sys.argv[1]).read_text(encoding="utf-8")
    async with AsyncClient() as broker:
        ended = await asyncio.gather(*(one(broker, description) for _ in range(int(sys.argv[2]))))
    return 0 if all(ended) else 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
