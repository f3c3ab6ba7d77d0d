// SPDX-License-Identifier: MIT
// The calls of this moment: listed, and ended from outside.
#pragma once

#include <costrix/agi.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>

/// Thread safety: none; use it on one thread.
class LiveCalls : public std::enable_shared_from_this<LiveCalls> {
public:
    /// A call as it is shown, and what somebody wants of it.
    struct Call {
        std::string caller, name, channel, path;
        bool hang_up = false;   // the orders
        std::string extension;  // where to redirect it to; empty: nowhere
        asio::steady_timer* ordered = nullptr;
    };

    explicit LiveCalls(const asio::any_io_executor& executor)
        : changed_(executor, asio::steady_timer::time_point::max()) {}

    /// By number, in the order in which they came.
    const std::map<std::uint64_t, Call>& calls() const noexcept { return calls_; }

    /// Grows with each call that comes or ends.
    std::uint64_t version() const noexcept { return version_; }
    /// Completes when version() has grown.
    asio::awaitable<void> change() {
        costrix::error_code woken;
        co_await changed_.async_wait(asio::redirect_error(asio::use_awaitable, woken));
    }

    /// Ends a call's flow and hangs up, or redirects the channel. False: there is no such call.
    bool hang_up(std::uint64_t number) { return order(number, true, ""); }
    bool redirect(std::uint64_t number, std::string extension) {
        return order(number, false, std::move(extension));
    }

    /// Runs a call's flow while it is listed. An order cancels what the flow awaits; a prompt stops
    /// at once.
    asio::awaitable<void>
    run(costrix::agi::AGI& call, const costrix::agi::Request& request, asio::awaitable<void> flow) {
        const auto executor = co_await asio::this_coro::executor;
        asio::steady_timer ordered(executor, asio::steady_timer::time_point::max());
        const Listed listed(shared_from_this(), call, request, ordered);
        const auto first = co_await costrix::agi::race(std::move(flow), order_for(listed.call()));
        if (first.index() == 0)
            co_return;
        const Call order = listed.call();
        if (order.hang_up) {
            co_await call.execute(costrix::agi::Hangup());
        } else {  // the dialplan goes on there when the handler has ended
            co_await call.execute(costrix::agi::SetExtension(order.extension));
            co_await call.execute(costrix::agi::SetPriority(1));
        }
    }

private:
    /// In the list for as long as this lives, in the call's frame.
    class Listed {
    public:
        Listed(
            std::shared_ptr<LiveCalls> all,
            const costrix::agi::AGI& call,
            const costrix::agi::Request& request,
            asio::steady_timer& ordered
        )
            : all_(std::move(all)), number_(++all_->last_) {
            const auto& about = call.environment();
            auto& entry = all_->calls_[number_];
            entry.caller = about.caller_id().value_or("unknown");
            entry.name = about.caller_id_name().value_or("");
            entry.channel = about.channel();
            entry.path = request.path;
            entry.ordered = &ordered;
            all_->note_change();
        }
        ~Listed() {
            all_->calls_.erase(number_);
            all_->note_change();
        }
        Listed(const Listed&) = delete;
        Listed& operator=(const Listed&) = delete;
        const Call& call() const { return all_->calls_.at(number_); }

    private:
        std::shared_ptr<LiveCalls> all_;
        std::uint64_t number_;
    };

    static asio::awaitable<void> order_for(const Call& call) {
        costrix::error_code woken;
        while (!call.hang_up && call.extension.empty())
            co_await call.ordered->async_wait(asio::redirect_error(asio::use_awaitable, woken));
    }
    bool order(std::uint64_t number, bool hang_up, std::string extension) {
        const auto found = calls_.find(number);
        if (found == calls_.end())
            return false;
        found->second.hang_up = hang_up;
        found->second.extension = std::move(extension);
        found->second.ordered->cancel();
        return true;
    }
    void note_change() {
        ++version_;
        changed_.cancel();
    }

    asio::steady_timer changed_;
    std::uint64_t version_ = 1, last_ = 0;
    std::map<std::uint64_t, Call> calls_;
};
