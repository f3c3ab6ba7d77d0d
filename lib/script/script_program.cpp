// SPDX-License-Identifier: MIT
// A process that runs one handler for one call, under run_script and ScriptRunner alike.
#include "script/script_program.hpp"

#include "protocol/log_text.hpp"
#include "script/standard_streams.hpp"

#include <cstdlib>
#include <utility>

namespace costrix::inline COSTRIX_ABI::agi {
namespace detail {
namespace {

/// False when there is nothing left to do.
bool run_one(asio::io_context& context, ScriptCall& call) {
    try {
        return context.run_one() > 0;
    } catch (...) {  // it left a completion handler
        call.on_stray_exception(std::current_exception());
        return true;
    }
}

/// Says why, unless the call ended well.
int exit_status(const ScriptCall& call) {
    const auto& end = call.end();
    if (!end)
        return 1;
    if (end->how == CallOutcome::returned || end->how == CallOutcome::hung_up)
        return call.fault().empty() ? 0 : 1;
    if (!end->begun)
        say(end->error ? log_message(describe(end->error)) : call.fault());
    else if (end->how == CallOutcome::cancelled)
        say("the handler threw: it was cancelled");
    else
        say("the handler threw: " + log_message(describe(end->error)));
    return 1;
}

}  // namespace

int run_program(FindHandler find, const ScriptOptions& options) {
    asio::io_context context{1};
    std::shared_ptr<ScriptCall> call;
    try {
        call = std::make_shared<ScriptCall>(context, options, std::move(find));
    } catch (const std::exception& error) {
        say(error.what());
        return 1;
    }
    call->start();
    while (!call->end() && run_one(context, *call)) {
    }
    call->close();
    return exit_status(*call);
}

}  // namespace detail

int run_script(const ScriptHandler& handler, const ScriptOptions& options) {
    // The caller's handler outlives the call, so it needs no owner.
    const std::shared_ptr<const ScriptHandler> kept(std::shared_ptr<void>(), &handler);
    return detail::run_program([&kept](Request&) { return kept; }, options);
}

bool started_by_asterisk() noexcept {
    return std::getenv("AST_AGI_DIR") != nullptr;  // set for each script (res_agi.c, launch_script)
}

}  // namespace costrix::inline COSTRIX_ABI::agi
