"""suds on the classic contract, from its WSDL. Prints a line for every step, in the words that tests/live/clients/classic.rs
expects."""

import os
import ssl
import time
from importlib.metadata import version
from urllib.request import HTTPSHandler

from suds.client import Client
from suds.transport.http import HttpTransport


class Transport(HttpTransport):
    """HTTPS with the caller's certificate."""

    def u2handlers(self):
        context = ssl.create_default_context(cafile=os.environ["GRMS_CA"])
        context.load_cert_chain(os.environ["X509_USER_CERT"], os.environ["X509_USER_KEY"])
        return [*super().u2handlers(), HTTPSHandler(context=context)]


def content(name):
    with open(os.environ[name], encoding="utf-8") as file:
        return file.read()


client = Client(os.environ["GRMS_CLASSIC"] + "?wsdl", transport=Transport(), cache=None)
grms = client.service
print("version:", version("suds-community"))
accepted = grms.submitJob(content("GRMS_JOB"))
job = accepted.jobId
print("submitted:", accepted.submitJobReturn.errorCode, job)
end = time.monotonic() + 60
info = grms.getJobInfo(job).jobInfo
while info.jobStatus not in ("FINISHED", "FAILED", "CANCELED") and time.monotonic() < end:
    time.sleep(0.1)
    info = grms.getJobInfo(job).jobInfo
print("ended:", info.jobStatus)
print("info:", info.userDn, info.historyLength, str(info.finishTime >= info.submissionTime).lower())
history = grms.getJobHistory(job).history
print("history:", len(history), "somewhere" if history[0].hostName else "nowhere")
print("listed:", str(job in grms.getJobsList("FINISHED").jobsList).lower())
print("unlisted:", str(job not in (getattr(grms.getJobsList("RUNNING"), "jobsList", None) or [])).lower())
unknown = grms.getJobInfo("no-such-job").getJobInfoReturn
print("unknown:", unknown.errorCode, unknown.errorMessage)
refused = grms.submitJob(content("GRMS_BAD_JOB")).submitJobReturn
print("refused:", refused.errorCode, refused.errorMessage)
