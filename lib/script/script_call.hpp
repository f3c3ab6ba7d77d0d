// SPDX-License-Identifier: MIT
// The call of a script: on standard input and output, with signals, under every interface.
#pragma once

#include "call/call.hpp"
#include "script/script_signals.hpp"
#include "transport/stdio_transport.hpp"

#include <costrix/agi/script.hpp>
#include <costrix/asio.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace costrix::inline COSTRIX_ABI::agi::detail {

/// Finds a call's handler and completes its request; null when there is none.
using FindHandler = std::function<std::shared_ptr<const ScriptHandler>(Request& request)>;

/// Takes over standard input and output, SIGHUP and SIGPIPE. One at a time in a process.
class ScriptCall final : public CallHost, public std::enable_shared_from_this<ScriptCall> {
public:
    ScriptCall(asio::io_context& context, const ScriptOptions& options, FindHandler find);

    void start() { call_.start(); }
    void close();
    /// Tells the observer that the handler has returned: for a program that is not a coroutine.
    void return_handler() noexcept;
    AGI& agi() noexcept { return call_.agi(); }
    /// How the call ended, once it has.
    const std::optional<CallEnd>& end() const noexcept { return end_; }
    /// What was wrong with what came on standard input; empty when nothing was.
    const std::string& fault() const noexcept { return fault_; }

    void on_stray_exception(const std::exception_ptr& error) override;

private:
    std::shared_ptr<void> keep_alive() noexcept override { return weak_from_this().lock(); }
    std::shared_ptr<const ScriptHandler> route() override;
    void on_line(bool sent, std::string_view line) override;
    void on_fault(Fault fault, std::string_view why) override;
    void on_observer_exception(const std::exception_ptr& error) noexcept override;
    void on_end(const CallEnd& end) noexcept override;

    FindHandler find_;
    std::shared_ptr<Observer> observer_;  // null: none
    SessionLimits limits_;
    StdioTransport transport_;
    Call call_;
    ScriptSignals signals_;
    std::optional<CallEnd> end_;
    std::string fault_;
    bool begun_ = false;  // the environment is complete
};

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
