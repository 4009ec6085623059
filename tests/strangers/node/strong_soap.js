// The npm package strong-soap, from the WSDL in a file. Prints a line for every step, in the words that
// tests/live/clients/report.rs expects.
'use strict';
const fs = require('fs');
const { randomUUID } = require('crypto');
const { promisify } = require('util');
const { soap } = require('strong-soap');

const env = process.env;
const file = (name) => fs.readFileSync(env[name]);
const tls = { ca: file('GRMS_CA'), cert: file('X509_USER_CERT'), key: file('X509_USER_KEY') };
const list = (value) => [].concat(value ?? []);

async function connect(options) {
  const client = await promisify(soap.createClient)(env.GRMS_WSDL, { endpoint: env.GRMS_ENDPOINT, ...options });
  client.setSecurity(new soap.ClientSSLSecurity(tls.key, tls.cert, tls.ca));
  return client;
}

const call = async (client, operation, parts) => (await client[operation](parts)).result;

// The fault that a call must end in: the name of its element, and its content.
async function caught(answer) {
  try {
    await answer;
  } catch (error) {
    const fault = error.root.Envelope.Body.Fault;
    return Object.entries(fault.detail || fault.Detail)[0];
  }
  throw new Error('a fault was expected');
}

async function main() {
  console.log('version:', require('strong-soap/package.json').version, 'on Node', process.versions.node);
  const grms = await connect({});
  const accepted = await call(grms, 'submitJob', { requestId: randomUUID(), jobDefinition: String(file('GRMS_JOB')) });
  const job = accepted.jobId;
  console.log('submitted:', job, accepted.status);

  const ended = async (jobId) => {
    const { jobInfo } = await call(grms, 'waitForJobs', { jobId: [jobId], timeoutSeconds: 60 });
    return list(jobInfo)[0].status;
  };
  console.log('ended:', await ended(job));
  const info = (await call(grms, 'getJobInfo', { jobId: job })).jobInfo;
  console.log('info:', info.jobId, info.appId, info.exitCode, info.historyLength, info.finishTime >= info.submissionTime);
  const attempts = list((await call(grms, 'getJobHistory', { jobId: job })).attempt);
  console.log('history:', attempts.map((attempt) => `${attempt.number} ${attempt.outcome}`).join(' '));
  const page = await call(grms, 'getJobsList', { status: ['FINISHED', 'RUNNING'], limit: 100 });
  console.log('listed:', list(page.jobId).includes(job));

  let [name, fault] = await caught(call(grms, 'getJobInfo', { jobId: 'no-such-job' }));
  console.log('unknown:', name, fault.code, fault.name, fault.retryable, fault.jobId);
  console.log('message:', fault.message);
  [name, fault] = await caught(call(grms, 'submitJob', { jobDefinition: String(file('GRMS_BAD_JOB')) }));
  console.log('refused:', name, fault.code, fault.name, fault.retryable);
  for (const found of list(fault.diagnostic)) {
    console.log('diagnostic:', found.severity, found.code, found.line, found.column, found.path);
  }

  const many = await call(grms, 'submitJobs', {
    job: [{ jobDefinition: String(file('GRMS_JOB')) }, { jobDefinition: String(file('GRMS_BAD_JOB')) }],
  });
  const [good, bad] = list(many.result);
  console.log('bulk:', many.errors, good.errorCode, bad.index, bad.errorCode, bad.errorName, await ended(good.jobId));

  const newer = await connect({ forceSoap12Headers: true });
  const { jobInfo } = await call(newer, 'getJobInfo', { jobId: job });
  [name, fault] = await caught(call(newer, 'getJobInfo', { jobId: 'no-such-job' }));
  console.log('soap12:', jobInfo.status, name, fault.code);
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
