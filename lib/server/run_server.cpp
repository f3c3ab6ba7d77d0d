// SPDX-License-Identifier: MIT
// run_server: a FastAGI service as the whole of a program.
#include "platform/process.hpp"

#include <costrix/agi/fast_agi_server.hpp>
#include <costrix/agi/protocol/printable.hpp>
#include <costrix/agi/run_server.hpp>

#include <cstdio>
#include <exception>
#include <utility>

namespace costrix::inline COSTRIX_ABI::agi {
namespace {

int fail(const char* what) {
    std::fprintf(stderr, "%s: %s\n", detail::program_name(), printable(what).c_str());
    return 1;
}

}  // namespace

int run_server(
    FastAGIServerOptions options,
    const std::function<void(FastAGIServer& server)>& set_up,
    std::size_t threads
) noexcept {
    try {
        options.handle_signals = true;
        FastAGIServer server(std::move(options));
        set_up(server);
        server.run(threads);
        return 0;
    } catch (const std::exception& error) {
        return fail(error.what());
    } catch (...) {
        return fail("an exception that is not a std::exception");
    }
}

}  // namespace costrix::inline COSTRIX_ABI::agi
