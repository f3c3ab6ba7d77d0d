// SPDX-License-Identifier: MIT
// A server's limits: silent clients, endless input, many calls at once.
#include "tool/check/check_options.hpp"
#include "tool/formatting.hpp"

#include <costrix/testing/fake_asterisk.hpp>

#include <algorithm>
#include <string_view>
#include <vector>

namespace costrix::tool {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using Grade = Finding::Grade;

constexpr std::size_t kMaxSent = 4 << 20;
constexpr std::size_t kCallsAtOnce = 100;

std::string kibibytes(std::size_t bytes) {
    return std::to_string(bytes / 1024) + " KiB";
}

/// The rest of a patience that began at `begun`.
std::chrono::milliseconds left_of(Clock::time_point begun, std::chrono::milliseconds patience) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(begun + patience - Clock::now());
    return std::max(left, 0ms);
}

/// What a server did with endless input, and how much it took.
struct Taken {
    enum class End { closed, not_read, all } end;
    std::size_t bytes;
};

/// Sends the piece repeatedly until the server closes the connection or stops reading.
Taken send_endlessly(ServerConnection connection, std::string_view piece) {
    const auto closed = [&connection](std::chrono::milliseconds patience) {
        std::string said;
        return connection.read(said, patience) == ServerConnection::Read::end;
    };
    std::string chunk;
    while (chunk.size() < 16384)
        chunk += piece;
    for (std::size_t sent = 0; sent < kMaxSent; sent += chunk.size()) {
        if (!connection.write(chunk))
            return {closed(0ms) ? Taken::End::closed : Taken::End::not_read, sent};
        // Gives the server time to read, so as not to measure the kernel's buffers.
        if (closed(3ms))
            return {Taken::End::closed, sent + chunk.size()};
    }
    return {closed(500ms) ? Taken::End::closed : Taken::End::all, kMaxSent};
}

void check_endless(
    const std::vector<Address>& addresses,
    std::string_view piece,
    const std::string& what,
    const Report& report
) {
    asio::io_context context;
    const auto taken = send_endlessly(ServerConnection(context, addresses), piece);
    const auto size = kibibytes(taken.bytes);
    switch (taken.end) {
    case Taken::End::closed:
        report({Grade::good, what + " is cut off, at " + size + " at the latest"});
        break;
    case Taken::End::not_read:
        report(
            {Grade::remark,
             what + " is not read beyond " + size + ", and the connection stays open",
             "Many of these use up the server's connections. Let only Asterisk reach the port."}
        );
        break;
    case Taken::End::all:
        report(
            {Grade::remark,
             what + " is accepted: " + size + ", and the server would take more",
             "Anyone who can connect can fill the server's memory. Let only Asterisk reach the "
             "port."}
        );
        break;
    }
}

/// `connection` was opened at `opened`, and nothing was sent.
void check_idle(
    ServerConnection& connection,
    Clock::time_point opened,
    std::chrono::milliseconds patience,
    const Report& report
) {
    std::string said;
    const bool closed =
        connection.read(said, left_of(opened, patience)) == ServerConnection::Read::end;
    const std::chrono::nanoseconds held = Clock::now() - opened;
    if (closed) {
        report({Grade::good, "a silent client is cut off within " + short_duration(held)});
        return;
    }
    report(
        {Grade::remark,
         "a silent client stays connected for " + short_duration(held) + ", perhaps for ever",
         "Many of these use up the server's connections. Let only Asterisk reach the port."}
    );
}

/// Opens all calls before the first is answered.
void check_many(
    const CheckOptions& options,
    const std::vector<Address>& addresses,
    const Report& report
) {
    asio::io_context context;
    std::vector<ServerConnection> calls;
    try {
        while (calls.size() < kCallsAtOnce)
            calls.emplace_back(context, addresses);
    } catch (const ConnectError&) {
        // Reported below: as many as there are.
    }
    const auto begun = Clock::now();
    std::size_t answered = 0;
    for (auto& call : calls)
        call.write(testing::FakeAsterisk(scenario_of(options)).environment());
    for (auto& call : calls) {
        std::string said;
        const auto read = call.read(said, left_of(begun, options.patience));
        answered += read == ServerConnection::Read::data ? 1U : 0U;
    }
    const std::chrono::nanoseconds took = Clock::now() - begun;
    const auto text = std::to_string(answered) + " of " + std::to_string(kCallsAtOnce) +
                      " calls at once get a command within " + short_duration(took);
    if (answered == kCallsAtOnce) {
        report({Grade::good, text});
        return;
    }
    report(
        {Grade::remark,
         text,
         "The others wait or are refused, by a limit of the server or of its system."}
    );
}

}  // namespace

void check_limits(
    const CheckOptions& options,
    const std::vector<Address>& addresses,
    const Report& report
) {
    asio::io_context context;
    ServerConnection idle(context, addresses);
    const auto opened = Clock::now();
    check_many(options, addresses, report);
    check_endless(addresses, "x", "an endless line", report);
    check_endless(addresses, "agi_arg_1: x\n", "an endless environment", report);
    check_idle(idle, opened, options.patience, report);
}

}  // namespace costrix::tool
