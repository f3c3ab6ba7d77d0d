// SPDX-License-Identifier: MIT
// Threads: how they start, and how they end together.
#include "server/server_loops.hpp"

#include "protocol/log_text.hpp"
#include "session/handler_end.hpp"

#include <asio/co_spawn.hpp>
#include <asio/post.hpp>
#include <asio/signal_set.hpp>
#include <spdlog/logger.h>

#include <csignal>
#include <stdexcept>
#include <string>
#include <thread>

namespace costrix::agi::detail {

/// One run() of all loops; kept by what it left behind in the contexts, when it was stopped.
struct ServerLoops::Run : std::enable_shared_from_this<Run> {
    explicit Run(ServerLoops& the_loops)
        : loops(the_loops), signals(*the_loops.contexts_.front(), SIGINT, SIGTERM),
          left(the_loops.loops_.size()) {}

    /// The first signal drains, the second one is of somebody in a hurry.
    void wait_for_signal(bool first) {
        signals.async_wait([self = shared_from_this(), first](std::error_code error, int) {
            if (error)
                return;
            if (!first) {
                self->stop();
                return;
            }
            self->loops.shutdown();
            self->wait_for_signal(false);
        });
    }

    /// A loop has nothing more to do.
    void on_served(std::exception_ptr error, const std::optional<Drained>& drained) {
        std::lock_guard lock(mutex);
        if (drained) {
            total.finished += drained->finished;
            total.cancelled += drained->cancelled;
            total.abandoned += drained->abandoned;
        }
        --left;
        if (error) {
            fail(std::move(error));
        } else if (left == 0 && total.abandoned > 0) {
            stop();
        } else if (left == 0) {
            asio::post(*loops.contexts_.front(), [self = shared_from_this()] {
                self->signals.cancel();
            });
        }
    }

    void fail(std::exception_ptr error) {
        if (!failure)
            failure = std::move(error);
        stop();
    }

    void stop() {
        for (const auto& context : loops.contexts_)
            context->stop();
    }

    ServerLoops& loops;
    asio::signal_set signals;
    std::mutex mutex;  // of all that follows
    std::size_t left;  // loops that serve
    Drained total;
    std::exception_ptr failure;
};

ServerLoops::ServerLoops(FastAGIServerOptions options)
    : policy_(std::make_shared<const Policy>(std::move(options))) {
    contexts_.push_back(std::make_unique<asio::io_context>(1));
    // So that run() need not make Asio's service for signals, whose constructor leaves a dangling
    // pointer behind when it runs out of memory.
    const asio::signal_set signals(*contexts_.front());
    first_ = std::make_shared<ServerLoop>(contexts_.front()->get_executor(), false, policy_);
    loops_.push_back(first_);
}

ServerLoops::ServerLoops(asio::any_io_executor executor, FastAGIServerOptions options)
    : policy_(std::make_shared<const Policy>(std::move(options))),
      first_(std::make_shared<ServerLoop>(std::move(executor), true, policy_)) {
    loops_.push_back(first_);
}

ServerLoops::~ServerLoops() {
    if (contexts_.empty())
        first_->shutdown();
    for (std::size_t i = 0; i < contexts_.size(); ++i)
        loops_[i]->close_listeners();
    first_.reset();
    loops_.clear();
    // What run() left behind in the others waits for signals in the first: that one goes last.
    while (!contexts_.empty())
        contexts_.pop_back();
}

void ServerLoops::add_loops(std::size_t threads) {
    if (contexts_.empty())
        throw std::logic_error("FastAGIServer::run() on a server that was given an executor");
    if (threads == 0)
        throw std::invalid_argument("FastAGIServer::run(): no thread");
    std::lock_guard lock(mutex_);
    contexts_.reserve(threads);
    loops_.reserve(threads);  // so that both grow or neither does
    while (loops_.size() < threads) {
        auto context = std::make_unique<asio::io_context>(1);
        auto loop = std::make_shared<ServerLoop>(context->get_executor(), *first_);
        if (stopping_)
            loop->shutdown();
        contexts_.push_back(std::move(context));
        loops_.push_back(std::move(loop));
    }
    for (std::size_t i = 0; i < loops_.size(); ++i)
        loops_[i]->set_share(i, loops_.size());
}

void ServerLoops::run(std::size_t threads) {
    add_loops(threads);
    std::vector<std::thread> others;
    others.reserve(loops_.size());
    const auto run = std::make_shared<Run>(*this);
    run->wait_for_signal(true);
    for (std::size_t i = 0; i < loops_.size(); ++i) {
        contexts_[i]->restart();
        asio::co_spawn(
            *contexts_[i],
            loops_[i]->serve(),
            [run](std::exception_ptr error, std::optional<Drained> drained) {
                run->on_served(std::move(error), drained);
            }
        );
    }
    try {
        for (std::size_t i = 1; i < loops_.size(); ++i)
            others.emplace_back([this, i] { run_loop(i); });
    } catch (...) {  // those that run must be joined
        std::lock_guard lock(run->mutex);
        run->fail(std::current_exception());
    }
    run_loop(0);
    for (auto& thread : others)
        thread.join();
    if (run->failure)
        std::rethrow_exception(run->failure);
    if (run->left == 0)
        log_drained(policy_->logger(), run->total);
}

/// What is thrown here left one completion handler; those of other calls are still to come.
void ServerLoops::run_loop(std::size_t index) {
    while (true) {
        try {
            contexts_[index]->run();
            return;
        } catch (const std::bad_alloc&) {
            report(index, &ServerCounters::internal_errors, "out of memory");
        } catch (...) {
            const auto [end, what] = judge(std::current_exception(), false);
            if (end != HandlerEnd::hung_up)
                report(
                    index,
                    &ServerCounters::stray_exceptions,
                    "an exception left a completion handler: " + log_message(what)
                );
        }
    }
}

void ServerLoops::report(std::size_t loop, Counter kind, std::string_view what) {
    loops_[loop]->counters().add(kind);
    policy_->log(kind, spdlog::level::err, "{}", what);
}

void ServerLoops::shutdown() {
    std::lock_guard lock(mutex_);
    stopping_ = true;
    for (const auto& loop : loops_)
        loop->shutdown();
}

ServerCounters ServerLoops::counters() const {
    ServerCounters sum;
    std::lock_guard lock(mutex_);
    for (const auto& loop : loops_)
        loop->counters().add_to(sum);
    return sum;
}

std::size_t ServerLoops::sessions() const {
    return counters().sessions;
}

void log_drained(spdlog::logger& logger, const Drained& drained) {
    const auto calls = [](std::size_t number) {
        return std::to_string(number) + (number == 1 ? " call" : " calls");
    };
    if (drained.finished + drained.cancelled + drained.abandoned == 0)
        logger.info("shut down: no calls in progress");
    else if (drained.abandoned == 0)
        logger.info(
            "drained: {} completed, {} cancelled", calls(drained.finished), drained.cancelled
        );
    else
        logger.warn(
            "drained: {} completed, {} cancelled, {} of them left behind",
            calls(drained.finished),
            drained.cancelled,
            drained.abandoned
        );
}

}  // namespace costrix::agi::detail
