#!/usr/bin/env perl
# SOAP::Lite in its native rpc/encoded form on the classic contract, without a WSDL. Prints a line for every step, in the words that
# tests/live/clients/classic.rs expects.
use strict;
use warnings;
use IO::Socket::SSL;
use SOAP::Lite;
use Time::HiRes qw(sleep time);

$ENV{PERL_LWP_SSL_CA_FILE} = $ENV{GRMS_CA};
IO::Socket::SSL::set_client_defaults(SSL_cert_file => $ENV{X509_USER_CERT}, SSL_key_file => $ENV{X509_USER_KEY});
my $grms = SOAP::Lite->proxy($ENV{GRMS_CLASSIC})->uri('urn:grms')->on_action(sub { '""' });
# Simple types of others are unknown to SOAP::Lite until somebody reads them.
sub Grms::as_JobStatusType { my ($self, $value) = @_; return $value }
$grms->deserializer->xmlschemas->{'urn:grms'} = 'Grms';

sub content {
    my ($name) = @_;
    open my $file, '<:encoding(UTF-8)', $ENV{$name} or die "$name: $!";
    local $/ = undef;
    return scalar <$file>;
}

sub call {
    my ($operation, %parts) = @_;
    my $answer = $grms->call($operation, map { SOAP::Data->name($_ => $parts{$_})->type('string') } keys %parts);
    die $answer->faultstring if $answer->fault;
    return $answer->body->{"${operation}Response"};
}

print "version: $SOAP::Lite::VERSION\n";
my $accepted = call('submitJob', jobDefinition => content('GRMS_JOB'));
my $job = $accepted->{jobId};
print "submitted: $accepted->{submitJobReturn}{errorCode} $job\n";
my $end = time + 60;
my $info = call('getJobInfo', jobId => $job)->{jobInfo};
while ($info->{jobStatus} !~ /^(FINISHED|FAILED|CANCELED)$/ and time < $end) {
    sleep 0.1;
    $info = call('getJobInfo', jobId => $job)->{jobInfo};
}
print "ended: $info->{jobStatus}\n";
print "info: $info->{userDn} $info->{historyLength} ", $info->{finishTime} ge $info->{submissionTime} ? 'true' : 'false', "\n";
my $history = call('getJobHistory', jobId => $job)->{history};
print 'history: ', scalar @$history, $history->[0]{hostName} ? ' somewhere' : ' nowhere', "\n";
my $all = call('getJobsList')->{jobsList};
print 'listed: ', (grep { $_ eq $job } @$all) ? 'true' : 'false', "\n";
my $running = call('getJobsList', status => 'RUNNING')->{jobsList};
print 'unlisted: ', (grep { $_ eq $job } @{ $running || [] }) ? 'false' : 'true', "\n";
my $unknown = call('getJobInfo', jobId => 'no-such-job')->{getJobInfoReturn};
print "unknown: $unknown->{errorCode} $unknown->{errorMessage}\n";
my $refused = call('submitJob', jobDefinition => content('GRMS_BAD_JOB'))->{submitJobReturn};
print "refused: $refused->{errorCode} $refused->{errorMessage}\n";
