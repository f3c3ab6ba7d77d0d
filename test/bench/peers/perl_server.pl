#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# The benchmark's handlers on Asterisk::FastAGI (preforked; Debian's libasterisk-agi-perl).
package BenchServer;
use strict;
use warnings;
use base 'Asterisk::FastAGI';

sub bench {
    my $self = shift;
    my $agi = $self->agi;
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
}

sub short {
    my $self = shift;
    $self->agi->verbose('x', 1);
}

package main;
BenchServer->run(port => "127.0.0.1:$ARGV[1]", min_servers => 32, max_servers => 1100, log_level => 0);
