#!/usr/bin/env perl
# SOAP::Lite, from the WSDL alone; and in the rpc-like form that its users often choose, with members in any order. Prints
# a line for every step, in the words that tests/live/clients/report.rs expects.
use strict;
use warnings;
use IO::Socket::SSL;
use SOAP::Lite;

$ENV{PERL_LWP_SSL_CA_FILE} = $ENV{GRMS_CA};
IO::Socket::SSL::set_client_defaults(
    SSL_cert_file => $ENV{X509_USER_CERT},
    SSL_key_file  => $ENV{X509_USER_KEY},
);

sub content {
    my ($name) = @_;
    open my $file, '<:encoding(UTF-8)', $ENV{$name} or die "$name: $!";
    local $/ = undef;
    return scalar <$file>;
}

print "version: $SOAP::Lite::VERSION\n";

# The class that SOAP::Lite makes of the WSDL gives values by position, or whole answers on request.
my $grms = SOAP::Lite->service("file:$ENV{GRMS_WSDL}")->new->want_som(1);

sub call {
    my ($operation, @values) = @_;
    my $answer = $grms->$operation(@values);
    die $answer->faultstring if $answer->fault;
    return $answer;
}

# The fault that a call must end in: the answer, the name of its element, and its content.
sub caught {
    my ($operation, @values) = @_;
    my $answer = $grms->$operation(@values);
    die 'a fault was expected' unless $answer->fault;
    my ($name) = keys %{ $answer->faultdetail };
    return $answer, $name, $answer->faultdetail->{$name};
}

my $accepted = call('submitJob', content('GRMS_JOB'));
my $job = $accepted->valueof('//jobId');
print "submitted: $job ", $accepted->valueof('//status'), "\n";

sub ended {
    my @wait = (SOAP::Data->name(jobId => shift), SOAP::Data->name(timeoutSeconds => 60));
    return by_hand('1.1', 'waitForJobs', @wait)->valueof('//jobInfo/status');
}
print 'ended: ', ended($job), "\n";
my $info = call('getJobInfo', $job)->result;
my $span = $info->{finishTime} ge $info->{submissionTime} ? 'true' : 'false';
print "info: $info->{jobId} $info->{appId} $info->{exitCode} $info->{historyLength} $span\n";
print 'history:', (map {" $_->{number} $_->{outcome}"} call('getJobHistory', $job)->valueof('//attempt')), "\n";
print 'listed: ', (grep { $_ eq $job } call('getJobsList')->valueof('//jobId')) ? 'true' : 'false', "\n";

my ($answer, $name, $fault) = caught('getJobInfo', 'no-such-job');
print "unknown: $name $fault->{code} $fault->{name} $fault->{retryable} $fault->{jobId}\n";
print "message: $fault->{message}\n";
($answer, $name, $fault) = caught('submitJob', content('GRMS_BAD_JOB'));
print "refused: $name $fault->{code} $fault->{name} $fault->{retryable}\n";
print "diagnostic: $_->{severity} $_->{code} $_->{line} $_->{column} $_->{path}\n" for $answer->valueof('//diagnostic');

# Without the WSDL: the action has a `#`, the members carry xsi:type, the envelope an encodingStyle.
sub by_hand {
    my ($version, $operation, @parts) = @_;
    my $soap = SOAP::Lite->soapversion($version)->proxy($ENV{GRMS_ENDPOINT})->ns('urn:grms:2');
    return $soap->call($operation, @parts);
}
my $key = join '', map { sprintf '%08x', rand 2**32 } 1 .. 4;
my @parts = (SOAP::Data->name(jobDefinition => content('GRMS_JOB'))->type('string'), SOAP::Data->name(requestId => $key));
my $first = by_hand('1.1', 'submitJob', @parts)->valueof('//jobId');
my $second = by_hand('1.1', 'submitJob', reverse @parts)->valueof('//jobId');
print 'again: ', $first eq $second ? $job : "$first is not $second", "\n";
my @items = map {
    SOAP::Data->name(job => \SOAP::Data->name(jobDefinition => content($_))->type('string'))
} qw(GRMS_JOB GRMS_BAD_JOB);
my $many = by_hand('1.1', 'submitJobs', @items);
my ($good, $bad) = $many->valueof('//result');
print join(' ', 'bulk:', $many->valueof('//errors'), $good->{errorCode}, @{$bad}{qw(index errorCode errorName)}, ended($good->{jobId})), "\n";
my $status = by_hand('1.2', 'getJobInfo', SOAP::Data->name(jobId => $job))->valueof('//jobInfo/status');
my $refusal = by_hand('1.2', 'getJobInfo', SOAP::Data->name(jobId => 'no-such-job'));
print "soap12: $status StateFault ", $refusal->valueof('//StateFault/code'), "\n";
