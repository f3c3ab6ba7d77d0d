#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# The benchmark's handlers on Asterisk::AGI, preforked (libasterisk-agi-perl, libnet-server-perl).
package BenchServer;
use strict;
use warnings;
use base 'Net::Server::PreFork';
use Asterisk::AGI;

my %handlers = (
    bench => sub {
        my $agi = shift;
        $agi->answer;
        $agi->get_variable('CALLERID(num)');
        $agi->get_variable('CHANNEL(language)');
        $agi->get_variable('CUSTOMER_ID');
        $agi->set_variable('RESULT', 'ok');
        $agi->stream_file('welcome', '0123456789');
        $agi->get_data('enter-pin', 5000, 4);
        $agi->exec('NoOp', 'bench');
        $agi->verbose('done', 1);
        $agi->hangup;
    },
    short => sub { shift->verbose('x', 1) },
);

# Net::Server has put the connection where Asterisk::AGI looks for it: at stdin and stdout.
sub process_request {
    local $| = 1;
    my $agi = Asterisk::AGI->new;
    my %environment = $agi->ReadParse;
    my $handler = $handlers{ $environment{network_script} // '' };
    $handler->($agi) if $handler;
}

package main;
# As many as are at once in the smaller load, so that none of them waits or is started meanwhile.
BenchServer->run(
    host => '127.0.0.1', port => $ARGV[1], ipv => 4,
    min_servers => 70, min_spare_servers => 1, max_spare_servers => 90, max_servers => 100,
    max_requests => 1_000_000_000, log_level => 1,
);
