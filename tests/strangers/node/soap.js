// The npm package soap, from the served WSDL alone. Prints a line for every step, in the words that
// tests/live/clients/report.rs expects. It writes members in the order of the caller's keys.
'use strict';
const fs = require('fs');
const https = require('https');
const { randomUUID } = require('crypto');
const soap = require('soap');

const env = process.env;
const content = (name) => fs.readFileSync(env[name], 'utf8');
// Buffers: the library takes strings for names of files.
const file = (name) => fs.readFileSync(env[name]);
const tls = { ca: file('GRMS_CA'), cert: file('X509_USER_CERT'), key: file('X509_USER_KEY') };

async function connect(options) {
  const agent = new https.Agent(tls);
  const client = await soap.createClientAsync(`${env.GRMS_ENDPOINT}?wsdl`, { wsdl_options: { httpsAgent: agent }, ...options });
  client.setSecurity(new soap.ClientSSLSecurity(tls.key, tls.cert, tls.ca));
  return client;
}

// The fault that a call must end in: the name of its element, and its content.
async function caught(call) {
  try {
    await call;
  } catch (error) {
    const fault = error.root.Envelope.Body.Fault;
    return Object.entries(fault.detail || fault.Detail)[0];
  }
  throw new Error('a fault was expected');
}

const list = (value) => [].concat(value ?? []);

async function main() {
  console.log('version:', require('soap/package.json').version, 'on Node', process.versions.node);
  const grms = await connect({});
  const call = async (operation, parts) => (await grms[`${operation}Async`](parts))[0];

  const request = { requestId: randomUUID(), jobDefinition: content('GRMS_JOB') };
  const accepted = await call('submitJob', request);
  const job = accepted.jobId;
  console.log('submitted:', job, accepted.status);
  const ordered = { jobDefinition: request.jobDefinition, requestId: request.requestId };
  console.log('again:', (await call('submitJob', ordered)).jobId);

  // The states in which jobs end.
  const ended = async (jobId) => {
    const { jobInfo } = await call('waitForJobs', { timeoutSeconds: 60, jobId });
    return list(jobInfo).map((info) => info.status).join(' ');
  };
  console.log('ended:', await ended([job]));
  const info = (await call('getJobInfo', { jobId: job })).jobInfo;
  console.log('info:', info.jobId, info.appId, info.exitCode, info.historyLength, info.finishTime >= info.submissionTime);
  const attempts = list((await call('getJobHistory', { jobId: job })).attempt);
  console.log('history:', attempts.map((attempt) => `${attempt.number} ${attempt.outcome}`).join(' '));
  const page = await call('getJobsList', { limit: 100, status: ['FINISHED', 'RUNNING'] });
  console.log('listed:', list(page.jobId).includes(job));

  let [name, fault] = await caught(call('getJobInfo', { jobId: 'no-such-job' }));
  console.log('unknown:', name, fault.code, fault.name, fault.retryable, fault.jobId);
  console.log('message:', fault.message);
  [name, fault] = await caught(call('submitJob', { jobDefinition: content('GRMS_BAD_JOB') }));
  console.log('refused:', name, fault.code, fault.name, fault.retryable);
  for (const found of list(fault.diagnostic)) {
    console.log('diagnostic:', found.severity, found.code, found.line, found.column, found.path);
  }

  const many = await call('submitJobs', {
    job: [{ jobDefinition: request.jobDefinition }, { jobDefinition: content('GRMS_BAD_JOB') }],
  });
  const [good, bad] = list(many.result);
  console.log('bulk:', many.errors, good.errorCode, bad.index, bad.errorCode, bad.errorName, await ended([good.jobId]));
  const jsdl = await call('submitJob', { jobDefinition: content('GRMS_JSDL') });
  const three = await call('submitJob', { jobDefinition: content('GRMS_VERSION_3') });
  console.log('dialects:', await ended([jsdl.jobId, three.jobId]));

  const newer = await connect({ forceSoap12Headers: true });
  const [{ jobInfo }] = await newer.getJobInfoAsync({ jobId: job });
  [name, fault] = await caught(newer.getJobInfoAsync({ jobId: 'no-such-job' }));
  console.log('soap12:', jobInfo.status, name, fault.code);
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
