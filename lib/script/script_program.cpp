// SPDX-License-Identifier: MIT
// A process that runs one handler for one call, under run_script and ScriptRunner alike.
#include "script/script_program.hpp"

#include "protocol/log_text.hpp"
#include "script/script_session.hpp"

#include <asio/bind_cancellation_slot.hpp>
#include <asio/co_spawn.hpp>
#include <errno.h>  // program_invocation_short_name

#include <cstdlib>
#include <optional>
#include <string>
#include <utility>

namespace costrix::agi {
namespace detail {
namespace {

/// One call, from its environment to the end of its handler.
class ScriptProgram {
public:
    ScriptProgram(const FindHandler& find, const ScriptOptions& options)
        : find_(find), session_(std::make_shared<ScriptSession>(context_, options)) {}

    int run() {
        session_->start([this](std::string_view fault) { on_environment(fault); });
        while (!status_ && !session_->stuck() && run_one()) {
        }
        if (session_->stuck())
            say("the handler was stopped: it tried again and again after its call had ended");
        session_->close();
        return status_.value_or(1);
    }

private:
    /// False when there is nothing left to do.
    bool run_one() {
        try {
            return context_.run_one() > 0;
        } catch (const std::bad_alloc&) {
            throw;
        } catch (...) {  // a completion handler's
            say_stray(std::current_exception(), session_->agi().hung_up());
            return true;
        }
    }

    void on_environment(std::string_view fault) {
        if (!fault.empty()) {
            if (!session_->broken())
                say("no AGI on standard input: the environment " + std::string(fault));
            status_ = 1;
            return;
        }
        request_.path = program_invocation_short_name;
        const auto arguments = session_->agi().environment().arguments();
        request_.args.assign(arguments.begin(), arguments.end());
        handler_ = find_(request_);
        if (handler_) {
            start_handler();
        } else {
            say(no_handler());
            status_ = 1;
        }
    }

    void start_handler() {
        auto ended = [this](std::exception_ptr error) {
            const int status = exit_status(error, session_->agi().hung_up());
            status_ = session_->broken() ? 1 : status;
        };
        asio::co_spawn(
            context_,
            (*handler_)(session_->agi(), request_),
            asio::bind_cancellation_slot(session_->overtime().slot(), std::move(ended))
        );
    }

    std::string no_handler() const {
        const auto first = request_.args.empty() ? "the call has no argument"
                                                 : "nor the call's first argument \"" +
                                                       log_text(request_.args.front()) + '"';
        return "no handler: no pattern matches the program's name \"" + request_.path + "\", " +
               first + ", and there is no default handler";
    }

    const FindHandler& find_;
    // What frames that are left may refer to outlives the context, which destroys them.
    Request request_;
    std::shared_ptr<const ScriptHandler> handler_;
    std::optional<int> status_;
    asio::io_context context_{1};
    std::shared_ptr<ScriptSession> session_;
};

}  // namespace

int run_program(const FindHandler& find, const ScriptOptions& options) {
    std::optional<ScriptProgram> program;
    try {
        program.emplace(find, options);
    } catch (const std::exception& error) {
        say(error.what());
        return 1;
    }
    try {
        return program->run();
    } catch (...) {
        // A handler that threw before it was a coroutine, or work of its own.
        return exit_status(std::current_exception(), false);
    }
}

}  // namespace detail

int run_script(const ScriptHandler& handler, const ScriptOptions& options) {
    // The caller's handler outlives the call: no owner is needed.
    const std::shared_ptr<const ScriptHandler> kept(std::shared_ptr<void>(), &handler);
    return detail::run_program([&kept](Request&) { return kept; }, options);
}

bool started_by_asterisk() noexcept {
    return std::getenv("AST_AGI_DIR") != nullptr;  // set for each script (res_agi.c, launch_script)
}

}  // namespace costrix::agi
