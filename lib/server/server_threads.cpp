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
    Run(std::vector<RunningLoop> the_loops,
        std::function<void()> on_signal,
        std::shared_ptr<ServiceNotifier> to_notify)
        : loops(std::move(the_loops)), shutdown(std::move(on_signal)),
          notifier(std::move(to_notify)), left(loops.size()) {}

    void wait_for_signal(bool first) {
        if (!signals)
            signals.emplace(loops.front().executor, SIGINT, SIGTERM);
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
            asio::post(loops.front().executor, [self = shared_from_this()] { self->finish(); });
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
        for (const auto& loop : loops)
            loop.context.stop();
    }

    const std::vector<RunningLoop> loops;
    std::function<void()> shutdown;
    std::shared_ptr<ServiceNotifier> notifier;
    std::optional<asio::signal_set> signals;
    std::mutex mutex;  // of all that follows
    std::size_t left;  // loops that serve
    Drained total;
    std::exception_ptr failure;
};

/// An exception here left one completion handler; those of other calls are still to come.
void run_one(const RunningLoop& loop) {
    while (true) {
        try {
            loop.context.run();
            return;
        } catch (...) {
            loop.on_exception(std::current_exception());
        }
    }
}

}  // namespace

std::optional<Drained> run_loops(
    std::vector<RunningLoop> loops,
    bool signals,
    std::function<void()> shutdown,
    const std::shared_ptr<ServiceNotifier>& notifier
) {
    std::vector<const RunningLoop*> threads;  // what each runs
    std::vector<std::thread> others;
    const auto run = std::make_shared<Run>(std::move(loops), std::move(shutdown), notifier);
    for (const auto& loop : run->loops)
        threads.insert(threads.end(), loop.threads, &loop);
    others.reserve(threads.size());
    if (signals)
        run->wait_for_signal(true);
    for (const auto& loop : run->loops) {
        loop.context.restart();
        asio::co_spawn(
            loop.executor,
            loop.serve(),
            [run](std::exception_ptr error, std::optional<Drained> drained) {
                run->on_served(std::move(error), drained);
            }
        );
    }
    try {
        for (std::size_t i = 1; i < threads.size(); ++i)
            others.emplace_back(run_one, std::cref(*threads[i]));
    } catch (...) {  // those that run must be joined
        std::lock_guard lock(run->mutex);
        run->fail(std::current_exception());
    }
    // Ready once every loop has its threads.
    if (notifier && others.size() + 1 == threads.size())
        notifier->start();
    run_one(*threads.front());
    for (auto& thread : others)
        thread.join();
    if (run->failure)
        std::rethrow_exception(run->failure);
    return run->left == 0 ? std::optional(run->total) : std::nullopt;
}

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
