"""Submits the job description in a file, waits for its end, and tells how it went.

    python submit_and_wait.py JOB.xml
"""

import sys
from pathlib import Path

from grms import Client, DescriptionFault, JobStatus


def main() -> int:
    with Client() as broker:
        try:
            job = broker.submit(Path(sys.argv[1]).read_text(encoding="utf-8"))
        except DescriptionFault as fault:
            for found in fault.diagnostics:
                print(found, file=sys.stderr)
            return 2
        print(f"{job.job_id} was accepted")
        (info,) = broker.wait(job.job_id)
        print(f"{info.job_id} {info.status}, exit code {info.exit_code}")
        for attempt in broker.history(job.job_id):
            print(f"  attempt {attempt.number} on {attempt.host_name}: {attempt.outcome}")
        return 0 if info.status is JobStatus.FINISHED else 1


if __name__ == "__main__":
    sys.exit(main())
