// SPDX-License-Identifier: MIT
// Peers of a server: those that keep to the protocol, and every kind that does not.
#pragma once

#include "support/tcp_peer.hpp"

#include <array>
#include <cstdint>
#include <random>

namespace costrix::soak {

/// What a peer does that Asterisk would not, or only on a bad day.
enum class Fault : std::uint8_t {
    connects_and_closes,
    stops_in_the_environment,  ///< and stays
    resets_in_the_environment,
    sends_an_endless_line,
    speaks_http,
    resets_in_mid_command,
    closes_in_mid_command,
    hangs_up_and_babbles,
    babbles,
    sends_an_endless_reply,
    answers_without_reading,
    calls_what_throws,
    calls_what_is_not_there,
};
inline constexpr int kFaults = 13;

/// Makes a connection that has this fault. What it leaves open is the server's to end.
void commit(Fault fault, test::TcpPeer& peer);

/// A call to `flow` that is answered as Asterisk does; true when it went as it should.
bool good_call(std::uint16_t port);

}  // namespace costrix::soak
