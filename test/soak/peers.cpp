// SPDX-License-Identifier: MIT
// What each kind of peer sends.
#include "soak/peers.hpp"

#include "soak/server_process.hpp"

#include <string>

namespace costrix::soak {

void commit(Fault fault, test::TcpPeer& peer) {
    const auto begin_call = [&peer](const char* path) {
        peer.call(path);
        return peer.line();
    };
    switch (fault) {
    case Fault::connects_and_closes:
        return peer.close();
    case Fault::stops_in_the_environment:
        return peer.send("agi_network: yes\nagi_network_script: flow\nagi_chan");
    case Fault::resets_in_the_environment:
        peer.send("agi_network: yes\nagi_net");
        return peer.reset();
    case Fault::sends_an_endless_line:
        return peer.send("agi_network: " + std::string(100'000, 'x'));
    case Fault::speaks_http:
        return peer.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    case Fault::resets_in_mid_command:
        begin_call("flow");
        return peer.reset();
    case Fault::closes_in_mid_command:
        begin_call("wait");
        return peer.close();
    case Fault::hangs_up_and_babbles:
        begin_call("wait");
        peer.send("HANGUP\n\x01\xff nonsense\nHANGUP\n");
        return;
    case Fault::babbles:
        begin_call("wait");
        for (int i = 0; i < 200; ++i)
            peer.send("nonsense\n");
        return;
    case Fault::sends_an_endless_reply:
        begin_call("flow");
        return peer.send("200 result=1 (" + std::string(200'000, 'x'));
    case Fault::answers_without_reading:
        peer.call("flow");
        for (int i = 0; i < ServerProcess::kCommands; ++i)
            peer.send("200 result=0\n");
        return;
    case Fault::calls_what_throws:
        begin_call("throw");
        return peer.send("200 result=0\n");
    case Fault::calls_what_is_not_there:
        return peer.call("nowhere");
    }
}

bool good_call(std::uint16_t port) {
    test::TcpPeer peer(port);
    peer.call("flow");
    for (int i = 1; i <= ServerProcess::kCommands; ++i) {
        const auto line = peer.line();
        if (line.starts_with('<'))
            return false;
        peer.send(line.starts_with("GET") ? "200 result=1 (5551234)\n" : "200 result=0\n");
    }
    return peer.line() == "<eof>";
}

}  // namespace costrix::soak
