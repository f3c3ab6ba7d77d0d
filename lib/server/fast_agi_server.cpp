// SPDX-License-Identifier: MIT
// FastAGIServer: what its loops share, and the loops.
#include "server/acceptor.hpp"
#include "server/server_threads.hpp"
#include "server/service_notifier.hpp"

#include <costrix/agi/fast_agi_server.hpp>
#include <costrix/asio.hpp>

#include <functional>
#include <mutex>
#include <stdexcept>
#include <utility>

namespace costrix::inline COSTRIX_ABI::agi {
namespace {

using detail::ServerLoop;

asio::awaitable<void> serve(std::shared_ptr<ServerLoop> loop) {
    const auto drained = co_await loop->serve();
    if (drained)
        loop->log().drained(*drained);
}

asio::awaitable<bool> handle_one(std::shared_ptr<ServerLoop> loop) {
    co_return co_await loop->handle_one();
}

}  // namespace

struct FastAGIServer::Impl {
    using Acceptors = std::vector<Acceptor>;

    /// With an io_context of its own.
    Impl(std::unique_ptr<asio::io_context> own, Options options)
        : context(std::make_shared<detail::ServerContext>(std::move(options))),
          first(std::make_shared<ServerLoop>(
              own->get_executor(),
              detail::CallExecutors::direct,
              context,
              detail::activated_acceptors(own->get_executor())
          )),
          loops(1) {
        loops.front() = {std::move(own), first};
    }
    /// On the user's executor.
    Impl(asio::any_io_executor executor, Acceptors acceptors, Options options, Threads threads)
        : context(std::make_shared<detail::ServerContext>(std::move(options))),
          first(std::make_shared<ServerLoop>(
              executor,
              detail::call_executors(executor, threads),
              context,
              std::move(acceptors)
          )),
          loops(1) {
        loops.front() = {nullptr, first};
    }
    ~Impl() {
        for (const auto& owned : loops) {
            if (owned.context)
                owned.loop->close_listeners();
            else
                owned.loop->shutdown();
        }
        first.reset();
        // What run() left behind in the others waits for signals in the first: that one goes last.
        while (!loops.empty())
            loops.pop_back();
    }

    void add_loops(std::size_t threads);

    void run(std::size_t threads, std::function<void()> on_signal) {
        add_loops(threads);
        auto service = detail::ServiceNotifier::make(loops);
        set_notifier(service);
        try {
            const bool signals = context->options.handle_signals;
            const auto drained =
                detail::run_loops(running(), signals, std::move(on_signal), service);
            if (drained)
                first->log().drained(*drained);
        } catch (...) {
            set_notifier(nullptr);
            throw;
        }
        set_notifier(nullptr);
    }

    std::vector<detail::RunningLoop> running() const {
        std::vector<detail::RunningLoop> all;
        for (const auto& owned : loops) {
            auto* const loop = owned.loop.get();
            all.push_back(
                {*owned.context,
                 1,
                 loop->executor(),
                 [loop] { return loop->serve(); },
                 [loop](const std::exception_ptr& error) { loop->log().loop_exception(error); }}
            );
        }
        return all;
    }

    void set_notifier(std::shared_ptr<detail::ServiceNotifier> service) {
        std::lock_guard lock(mutex);
        if (const auto old = std::exchange(notifier, std::move(service)))
            old->finish();
        if (notifier && stopping)
            notifier->stopping();
    }

    void shutdown() {
        std::lock_guard lock(mutex);
        stopping = true;
        if (notifier)
            notifier->stopping();
        for (const auto& owned : loops)
            owned.loop->shutdown();
    }

    std::shared_ptr<detail::ServerContext> context;
    std::shared_ptr<ServerLoop> first;     // of `loops`, the only one on the user's executor
    std::vector<detail::OwnedLoop> loops;  // run() adds to it
    mutable std::mutex mutex;              // of `loops` and what follows
    std::shared_ptr<detail::ServiceNotifier> notifier;  // while run() runs
    bool stopping = false;
};

void FastAGIServer::Impl::add_loops(std::size_t threads) {
    if (!loops.front().context)
        throw std::logic_error("FastAGIServer::run() on a server that was given an executor");
    if (threads == 0)
        throw std::invalid_argument("FastAGIServer::run(): no thread");
    std::lock_guard lock(mutex);
    while (loops.size() < threads) {
        auto own = std::make_unique<asio::io_context>(1);
        auto loop = std::make_shared<ServerLoop>(own->get_executor(), *first);
        if (stopping)
            loop->shutdown();
        loops.push_back({std::move(own), std::move(loop)});
    }
    for (std::size_t i = 0; i < loops.size(); ++i)
        loops[i].loop->set_share(i, loops.size());
}

FastAGIServer::FastAGIServer(Options options) {
    auto own = std::make_unique<asio::io_context>(1);
    // So that run() need not make Asio's service for signals, whose constructor leaves a dangling
    // pointer behind when it runs out of memory.
    if (options.handle_signals)
        asio::signal_set{*own};
    impl_ = std::make_unique<Impl>(std::move(own), std::move(options));
}

FastAGIServer::FastAGIServer(asio::any_io_executor executor, Options options, Threads threads)
    : impl_(std::make_unique<Impl>(
          std::move(executor),
          Impl::Acceptors(),
          std::move(options),
          threads
      )) {}

FastAGIServer::FastAGIServer(Acceptor acceptor, Options options, Threads threads) {
    auto executor = acceptor.get_executor();
    Impl::Acceptors acceptors;
    acceptors.push_back(std::move(acceptor));
    impl_ = std::make_unique<Impl>(
        std::move(executor), std::move(acceptors), std::move(options), threads
    );
}

FastAGIServer::FastAGIServer(std::vector<Acceptor> acceptors, Options options, Threads threads) {
    if (acceptors.empty())
        throw std::invalid_argument("FastAGIServer: there is no acceptor");
    auto executor = acceptors.front().get_executor();
    impl_ = std::make_unique<Impl>(
        std::move(executor), std::move(acceptors), std::move(options), threads
    );
}

FastAGIServer::~FastAGIServer() = default;

void FastAGIServer::run(std::size_t threads) {
    impl_->run(threads, [this] { shutdown(); });
}

asio::awaitable<void> FastAGIServer::serve_forever() {
    const auto& loop = impl_->first;
    return asio::co_spawn(loop->executor(), serve(loop), asio::use_awaitable);
}

asio::awaitable<bool> FastAGIServer::handle_request() {
    const auto& loop = impl_->first;
    return asio::co_spawn(loop->executor(), handle_one(loop), asio::use_awaitable);
}

void FastAGIServer::shutdown() {
    impl_->shutdown();
}

std::uint16_t FastAGIServer::port() const noexcept {
    return impl_->first->port();
}

std::size_t FastAGIServer::sessions() const noexcept {
    return counters().sessions;
}

ServerCounters FastAGIServer::counters() const noexcept {
    ServerCounters sum;
    impl_->context->counters.add_to(sum);
    std::lock_guard lock(impl_->mutex);
    sum.event_loops = impl_->loops.size();
    for (const auto& owned : impl_->loops)
        owned.loop->counters().add_to(sum);
    return sum;
}

void FastAGIServer::register_script_handler(
    std::optional<std::string> pattern,
    ScriptHandler handler
) {
    impl_->context->router.register_script_handler(std::move(pattern), std::move(handler));
}

void FastAGIServer::register_script_handler(const boost::regex& pattern, ScriptHandler handler) {
    impl_->context->router.register_script_handler(pattern, std::move(handler));
}

void FastAGIServer::set_default_handler(ScriptHandler handler) {
    impl_->context->router.set_default_handler(std::move(handler));
}

bool FastAGIServer::unregister_script_handler(std::string_view pattern) {
    return impl_->context->router.unregister_script_handler(pattern);
}

bool FastAGIServer::unregister_script_handler(const boost::regex& pattern) {
    return impl_->context->router.unregister_script_handler(pattern);
}

void FastAGIServer::clear_script_handlers() {
    impl_->context->router.clear_script_handlers();
}

Router::Found FastAGIServer::get_script_handler(std::string_view path) const {
    return impl_->context->router.get_script_handler(path);
}

}  // namespace costrix::inline COSTRIX_ABI::agi
