"""zeep, from the served WSDL alone. Prints a line for every step, in the words that tests/live/clients/report.rs expects."""

import os
import uuid
from importlib.metadata import version

import requests
import zeep
from zeep.exceptions import Fault

session = requests.Session()
session.trust_env = False  # a REQUESTS_CA_BUNDLE would go before the site's own authority
session.cert = os.environ["X509_USER_CERT"], os.environ["X509_USER_KEY"]
session.verify = os.environ["GRMS_CA"]
client = zeep.Client(os.environ["GRMS_ENDPOINT"] + "?wsdl", transport=zeep.Transport(session=session))
grms = client.service


def content(name):
    with open(os.environ[name], encoding="utf-8") as file:
        return file.read()


def truth(value):
    return "true" if value is True else "false"


def caught(call, **arguments):
    """The fault that a call must raise: the name of its element, and its typed content."""
    try:
        call(**arguments)
    except Fault as fault:
        element = fault.detail[0]
        return element.tag.split("}")[-1], client.wsdl.types.deserialize(element)
    raise SystemExit("a fault was expected")


class Reversed(zeep.Plugin):
    """zeep writes members in the order of the schema: this turns them round on their way out."""

    def egress(self, envelope, http_headers, operation, binding_options):
        wrapper = envelope[-1][0]
        wrapper[:] = reversed(wrapper)
        return envelope, http_headers


def ended(*jobs):
    """The states in which these jobs end."""
    return [info.status for info in grms.waitForJobs(jobId=list(jobs), timeoutSeconds=60).jobInfo]


print("version:", version("zeep"))
request = {"jobDefinition": content("GRMS_JOB"), "requestId": str(uuid.uuid4())}
accepted = grms.submitJob(**request)
job = accepted.jobId
print("submitted:", job, accepted.status)
client.plugins.append(Reversed())
print("again:", grms.submitJob(**request).jobId)
client.plugins.clear()

print("ended:", *ended(job))
info = grms.getJobInfo(jobId=job)
print("info:", info.jobId, info.appId, info.exitCode, info.historyLength, truth(info.finishTime >= info.submissionTime))
print("history:", *[f"{attempt.number} {attempt.outcome}" for attempt in grms.getJobHistory(jobId=job)])
print("listed:", truth(job in grms.getJobsList(status=["FINISHED", "RUNNING"], limit=100).jobId))

name, fault = caught(grms.getJobInfo, jobId="no-such-job")
print("unknown:", name, fault.code, fault.name, truth(fault.retryable), fault.jobId)
print("message:", fault.message)
name, fault = caught(grms.submitJob, jobDefinition=content("GRMS_BAD_JOB"))
print("refused:", name, fault.code, fault.name, truth(fault.retryable))
for found in fault.diagnostic:
    print("diagnostic:", found.severity, found.code, found.line, found.column, found.path)

many = grms.submitJobs(job=[{"jobDefinition": content("GRMS_JOB")}, {"jobDefinition": content("GRMS_BAD_JOB")}])
good, bad = many.result
print("bulk:", many.errors, good.errorCode, bad.index, bad.errorCode, bad.errorName, *ended(good.jobId))
print("dialects:", *ended(*[grms.submitJob(jobDefinition=content(name)).jobId for name in ("GRMS_JSDL", "GRMS_VERSION_3")]))

newer = client.bind("GrmsService", "GrmsSoap12")
name, fault = caught(newer.getJobInfo, jobId="no-such-job")
print("soap12:", newer.getJobInfo(jobId=job).status, name, fault.code)
