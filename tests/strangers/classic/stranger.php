<?php
// PHP's SoapClient on the classic contract, from its WSDL. Prints a line for every step, in the words that
// tests/live/clients/classic.rs expects.

$tls = ['cafile' => getenv('GRMS_CA'), 'local_cert' => getenv('X509_USER_CERT'), 'local_pk' => getenv('X509_USER_KEY')];
$grms = new SoapClient(getenv('GRMS_CLASSIC') . '?wsdl', [
    'stream_context' => stream_context_create(['ssl' => $tls]),
    'cache_wsdl' => WSDL_CACHE_NONE,
]);

echo 'version: ', PHP_VERSION, "\n";
$accepted = $grms->submitJob(file_get_contents(getenv('GRMS_JOB')));
$job = $accepted['jobId'];
echo 'submitted: ', $accepted['submitJobReturn']->errorCode, " $job\n";
$end = time() + 60;
do {
    usleep(100000);
    $answer = $grms->getJobInfo($job);
    $info = $answer['jobInfo'];
} while (!in_array($info->jobStatus, ['FINISHED', 'FAILED', 'CANCELED']) && time() < $end);
echo 'ended: ', $info->jobStatus, "\n";
$times = new DateTime($info->finishTime) >= new DateTime($info->submissionTime);
echo "info: $info->userDn $info->historyLength ", $times ? 'true' : 'false', "\n";
$history = $grms->getJobHistory($job)['history'];
echo 'history: ', count($history), ' ', $history[0]->hostName === '' ? 'nowhere' : 'somewhere', "\n";
// PHP knows one of two operations with the same name: the other's part is given by name.
$with = fn ($status) => new SoapParam($status, 'status');
echo 'listed: ', in_array($job, $grms->getJobsList($with('FINISHED'))['jobsList']) ? 'true' : 'false', "\n";
echo 'unlisted: ', in_array($job, $grms->getJobsList($with('RUNNING'))['jobsList']) ? 'false' : 'true', "\n";
$unknown = $grms->getJobInfo('no-such-job')['getJobInfoReturn'];
echo "unknown: $unknown->errorCode $unknown->errorMessage\n";
$refused = $grms->submitJob(file_get_contents(getenv('GRMS_BAD_JOB')))['submitJobReturn'];
echo "refused: $refused->errorCode $refused->errorMessage\n";
