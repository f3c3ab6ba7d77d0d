// SPDX-License-Identifier: MIT
// Running a server's loops: the threads, the signals, and how they end together.
#include "server/server_threads.hpp"

#include <costrix/asio.hpp>

#include <csignal>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

namespace costrix::inline COSTRIX_ABI::agi::detail {
namespace {

/// Shared by the handlers that a run leaves in the contexts when it was stopped.
struct Run : std::enable_shared_from_this<Run> {
    Run(const std::vector<OwnedLoop>& the_loops,
        std::function<void()> on_signal,
        std::shared_ptr<ServiceNotifier> to_notify)
        : loops(the_loops), shutdown(std::move(on_signal)), notifier(std::move(to_notify)),
          left(loops.size()) {}

    void wait_for_signal(bool first) {
        if (!signals)
            signals.emplace(*loops.front().context, SIGINT, SIGTERM);
        signals->async_wait([self = shared_from_this(), first](error_code error, int) {
            if (error)
                return;
            if (!first) {
                self->stop();
                return;
            }
            self->shutdown();
            self->wait_for_signal(false);
        });
    }

    /// A loop has drained.
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
        } else if (left == 0 && (signals || notifier)) {
            asio::post(*loops.front().context, [self = shared_from_this()] { self->finish(); });
        }
    }

    /// What else runs on the first loop ends, so that it has nothing left to do.
    void finish() {
        if (signals)
            signals->cancel();
        if (notifier)
            notifier->finish();
    }

    void fail(std::exception_ptr error) {
        if (!failure)
            failure = std::move(error);
        stop();
    }

    void stop() {
        for (const auto& owned : loops)
            owned.context->stop();
    }

    const std::vector<OwnedLoop>& loops;
    std::function<void()> shutdown;
    std::shared_ptr<ServiceNotifier> notifier;
    std::optional<asio::signal_set> signals;
    std::mutex mutex;  // of all that follows
    std::size_t left;  // loops that serve
    Drained total;
    std::exception_ptr failure;
};

/// An exception here left one completion handler; those of other calls are still to come.
void run_one(const OwnedLoop& owned) {
    while (true) {
        try {
            owned.context->run();
            return;
        } catch (...) {
            owned.loop->log().loop_exception(std::current_exception());
        }
    }
}

}  // namespace

void run_loops(
    const std::vector<OwnedLoop>& loops,
    bool signals,
    std::function<void()> shutdown,
    const std::shared_ptr<ServiceNotifier>& notifier
) {
    std::vector<std::thread> others;
    others.reserve(loops.size());
    const auto run = std::make_shared<Run>(loops, std::move(shutdown), notifier);
    if (signals)
        run->wait_for_signal(true);
    for (const auto& owned : loops) {
        owned.context->restart();
        asio::co_spawn(
            *owned.context,
            owned.loop->serve(),
            [run](std::exception_ptr error, std::optional<Drained> drained) {
                run->on_served(std::move(error), drained);
            }
        );
    }
    try {
        for (std::size_t i = 1; i < loops.size(); ++i)
            others.emplace_back([&owned = loops[i]] { run_one(owned); });
    } catch (...) {  // those that run must be joined
        std::lock_guard lock(run->mutex);
        run->fail(std::current_exception());
    }
    // Ready once every loop has its thread.
    if (notifier && others.size() + 1 == loops.size())
        notifier->start();
    run_one(loops.front());
    for (auto& thread : others)
        thread.join();
    if (run->failure)
        std::rethrow_exception(run->failure);
    if (run->left == 0)
        loops.front().loop->log().drained(run->total);
}

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
