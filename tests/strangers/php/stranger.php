<?php
// PHP's SoapClient, from the served WSDL alone. Prints a line for every step, in the words that
// tests/live/clients/report.rs expects.

set_error_handler(function ($level, $message) {
    throw new ErrorException($message);
});

function connect(int $version): SoapClient
{
    $tls = ['cafile' => getenv('GRMS_CA'), 'local_cert' => getenv('X509_USER_CERT'), 'local_pk' => getenv('X509_USER_KEY')];
    return new SoapClient(getenv('GRMS_ENDPOINT') . '?wsdl', [
        'stream_context' => stream_context_create(['ssl' => $tls]),
        'soap_version' => $version,
        'cache_wsdl' => WSDL_CACHE_NONE,
        'features' => SOAP_SINGLE_ELEMENT_ARRAYS,
    ]);
}

// The fault that a call must end in: the name of its element, and its content.
function caught(SoapClient $client, string $operation, array $parts): array
{
    try {
        $client->$operation($parts);
    } catch (SoapFault $fault) {
        $detail = get_object_vars($fault->detail);
        return [array_key_first($detail), reset($detail)];
    }
    throw new Exception('a fault was expected');
}

function say(string $word, ...$values): void
{
    foreach ($values as &$value) {
        $value = is_bool($value) ? ($value ? 'true' : 'false') : $value;
    }
    echo "$word: ", implode(' ', $values), "\n";
}

say('version', PHP_VERSION);
$grms = connect(SOAP_1_1);
$request = ['jobDefinition' => file_get_contents(getenv('GRMS_JOB')), 'requestId' => bin2hex(random_bytes(16))];
$accepted = $grms->submitJob($request);
$job = $accepted->jobId;
say('submitted', $job, $accepted->status);

// Without the WSDL members go out as they are given, with types and an encodingStyle.
$tls = ['cafile' => getenv('GRMS_CA'), 'local_cert' => getenv('X509_USER_CERT'), 'local_pk' => getenv('X509_USER_KEY')];
$raw = new SoapClient(null, [
    'location' => getenv('GRMS_ENDPOINT'),
    'uri' => 'urn:grms:2',
    'stream_context' => stream_context_create(['ssl' => $tls]),
]);
$reversed = array_map(fn ($name) => new SoapParam($request[$name], $name), ['requestId', 'jobDefinition']);
say('again', $raw->__soapCall('submitJob', $reversed)['jobId']);

$ended = fn ($job) => $grms->waitForJobs(['jobId' => [$job], 'timeoutSeconds' => 60])->jobInfo[0]->status;
say('ended', $ended($job));
$info = $grms->getJobInfo(['jobId' => $job])->jobInfo;
$span = (new DateTime($info->finishTime)) >= (new DateTime($info->submissionTime));
say('info', $info->jobId, $info->appId, $info->exitCode, $info->historyLength, $span);
$attempts = $grms->getJobHistory(['jobId' => $job])->attempt;
say('history', ...array_map(fn ($attempt) => "$attempt->number $attempt->outcome", $attempts));
$page = $grms->getJobsList(['status' => ['FINISHED', 'RUNNING'], 'limit' => 100]);
say('listed', in_array($job, $page->jobId));

[$name, $fault] = caught($grms, 'getJobInfo', ['jobId' => 'no-such-job']);
say('unknown', $name, $fault->code, $fault->name, $fault->retryable, $fault->jobId);
say('message', $fault->message);
[$name, $fault] = caught($grms, 'submitJob', ['jobDefinition' => file_get_contents(getenv('GRMS_BAD_JOB'))]);
say('refused', $name, $fault->code, $fault->name, $fault->retryable);
// The detail of a fault is not typed by PHP: a list of one would be an object.
$diagnostics = is_array($fault->diagnostic) ? $fault->diagnostic : [$fault->diagnostic];
foreach ($diagnostics as $found) {
    say('diagnostic', $found->severity, $found->code, $found->line, $found->column, $found->path);
}

$many = $grms->submitJobs(['job' => [
    ['jobDefinition' => $request['jobDefinition']],
    ['jobDefinition' => file_get_contents(getenv('GRMS_BAD_JOB'))],
]]);
[$good, $bad] = $many->result;
say('bulk', $many->errors, $good->errorCode, $bad->index, $bad->errorCode, $bad->errorName, $ended($good->jobId));

$newer = connect(SOAP_1_2);
[$name, $fault] = caught($newer, 'getJobInfo', ['jobId' => 'no-such-job']);
say('soap12', $newer->getJobInfo(['jobId' => $job])->jobInfo->status, $name, $fault->code);
