// gSOAP, through the proxy class that wsdl2h and soapcpp2 make of the WSDL. Prints a line for every step, in the words that
// tests/live/clients/report.rs expects. The methods with an underscore at the end speak SOAP 1.2.
#include "GrmsSoap11.nsmap"
#include "soapGrmsSoap11Proxy.h"
#include <fstream>
#include <iostream>
#include <sstream>
#include <stdexcept>

static std::string environment(const char *name) {
  const char *value = std::getenv(name);
  if (!value) throw std::runtime_error(std::string(name) + " is not set");
  return value;
}

static std::string content(const char *name) {
  std::ifstream file(environment(name));
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

static void check(GrmsSoap11Proxy &grms, int status) {
  if (status == SOAP_OK) return;
  grms.soap_stream_fault(std::cerr);
  throw std::runtime_error("a call did not succeed");
}

// The detail of the fault that a call must end in.
static SOAP_ENV__Detail *caught(GrmsSoap11Proxy &grms, int status) {
  if (status == SOAP_OK) throw std::runtime_error("a fault was expected");
  SOAP_ENV__Fault *fault = grms.soap->fault;
  SOAP_ENV__Detail *detail = fault ? (fault->detail ? fault->detail : fault->SOAP_ENV__Detail) : nullptr;
  if (!detail) check(grms, status);
  return detail;
}

static ns1__JobInfo *info(GrmsSoap11Proxy &grms, const std::string &job) {
  _ns1__getJobInfo request;
  static _ns1__getJobInfoResponse response;
  request.jobId = job;
  check(grms, grms.getJobInfo(&request, response));
  return response.jobInfo;
}

static std::string ended(GrmsSoap11Proxy &grms, const std::string &job) {
  _ns1__waitForJobs wait;
  _ns1__waitForJobsResponse waited;
  wait.jobId = {job};
  wait.timeoutSeconds = 60;
  check(grms, grms.waitForJobs(&wait, waited));
  return soap_ns1__JobStatus2s(grms.soap, waited.jobInfo.at(0)->status);
}

static const char *truth(bool value) { return value ? "true" : "false"; }

static void run(GrmsSoap11Proxy &grms) {
  soap *soap = grms.soap;
  std::string endpoint = environment("GRMS_ENDPOINT"), pem = "both.pem", authority = environment("GRMS_CA");
  grms.soap_endpoint = endpoint.c_str();
  std::ofstream(pem) << content("X509_USER_CERT") << content("X509_USER_KEY");
  if (soap_ssl_client_context(soap, SOAP_SSL_DEFAULT, pem.c_str(), nullptr, authority.c_str(), nullptr, nullptr)) {
    check(grms, soap->error);
  }
  std::cout << "version: " << GSOAP_VERSION / 100000 << '.' << GSOAP_VERSION / 1000 % 100 << '.' << GSOAP_VERSION % 1000 << "\n";

  _ns1__submitJob submit;
  _ns1__submitJobResponse accepted;
  submit.jobDefinition = content("GRMS_JOB");
  check(grms, grms.submitJob(&submit, accepted));
  std::string job = accepted.jobId;
  std::cout << "submitted: " << job << ' ' << soap_ns1__JobStatus2s(soap, accepted.status) << "\n";

  std::cout << "ended: " << ended(grms, job) << "\n";
  ns1__JobInfo *now = info(grms, job);
  std::cout << "info: " << now->jobId << ' ' << now->appId << ' ' << *now->exitCode << ' ' << now->historyLength << ' '
            << truth(*now->finishTime >= now->submissionTime) << "\n";

  _ns1__getJobHistory past;
  _ns1__getJobHistoryResponse history;
  past.jobId = job;
  check(grms, grms.getJobHistory(&past, history));
  std::cout << "history:";
  for (ns1__Attempt *attempt : history.attempt) {
    std::cout << ' ' << attempt->number << ' ' << soap_ns1__AttemptOutcome2s(soap, *attempt->outcome);
  }
  _ns1__getJobsList list;
  _ns1__getJobsListResponse page;
  list.status = {ns1__JobStatus__FINISHED, ns1__JobStatus__RUNNING};
  int limit = 100;
  list.limit = &limit;
  check(grms, grms.getJobsList(&list, page));
  bool listed = false;
  for (const std::string &one : page.jobId) listed = listed || one == job;
  std::cout << "\nlisted: " << truth(listed) << "\n";

  _ns1__getJobInfo unknown;
  _ns1__getJobInfoResponse none;
  unknown.jobId = "no-such-job";
  ns1__GrmsFault *fault = caught(grms, grms.getJobInfo(&unknown, none))->ns1__StateFault;
  if (!fault) throw std::runtime_error("the detail is no StateFault");
  std::cout << "unknown: StateFault " << fault->code << ' ' << fault->name << ' ' << truth(fault->retryable) << ' '
            << *fault->jobId << "\nmessage: " << fault->message << "\n";
  submit.jobDefinition = content("GRMS_BAD_JOB");
  fault = caught(grms, grms.submitJob(&submit, accepted))->ns1__DescriptionFault;
  if (!fault) throw std::runtime_error("the detail is no DescriptionFault");
  std::cout << "refused: DescriptionFault " << fault->code << ' ' << fault->name << ' ' << truth(fault->retryable) << "\n";
  for (ns1__Diagnostic *found : fault->diagnostic) {
    std::cout << "diagnostic: " << soap_ns1__Severity2s(soap, found->severity) << ' ' << found->code << ' '
              << *found->line << ' ' << *found->column << ' ' << *found->path << "\n";
  }

  ns1__SubmitItem first, second;
  first.jobDefinition = content("GRMS_JOB");
  second.jobDefinition = content("GRMS_BAD_JOB");
  _ns1__submitJobs items;
  _ns1__submitJobsResponse many;
  items.job = {&first, &second};
  check(grms, grms.submitJobs(&items, many));
  ns1__ItemResult *good = many.result.at(0), *bad = many.result.at(1);
  std::cout << "bulk: " << many.errors << ' ' << good->errorCode << ' ' << bad->index << ' ' << bad->errorCode << ' '
            << *bad->errorName << ' ' << ended(grms, *good->jobId) << "\n";

  _ns1__getJobInfo again;
  again.jobId = job;
  check(grms, grms.getJobInfo_(&again, none));
  std::cout << "soap12: " << soap_ns1__JobStatus2s(soap, none.jobInfo->status);
  fault = caught(grms, grms.getJobInfo_(&unknown, none))->ns1__StateFault;
  if (!fault) throw std::runtime_error("the detail is no StateFault");
  std::cout << " StateFault " << fault->code << "\n";
}

int main() {
  soap_ssl_init();
  GrmsSoap11Proxy grms(SOAP_XML_STRICT);
  try {
    run(grms);
  } catch (const std::exception &error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
  return 0;
}
