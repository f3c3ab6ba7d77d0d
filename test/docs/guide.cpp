// SPDX-License-Identifier: MIT
// The code of docs/guide.md, in a context where it compiles.
#include <costrix/agi.hpp>
#include <costrix/asio.hpp>

#include <spdlog/spdlog.h>

#include <memory>
#include <string>
#include <string_view>

#ifdef COSTRIX_BOOST_ASIO
#include <boost/asio/experimental/parallel_group.hpp>
#else
#include <asio/experimental/parallel_group.hpp>
#endif

namespace agi = costrix::agi;
using namespace std::chrono_literals;

// clang-format off
namespace {

asio::awaitable<void> menu(agi::AGI& call, const agi::Request& request);
asio::awaitable<void> support(agi::AGI& call, const agi::Request& request);
asio::awaitable<void> fallback(agi::AGI& call, const agi::Request& request);
asio::awaitable<std::string> find(std::string number);
asio::awaitable<std::string> look_up(std::string number);
asio::awaitable<std::string> query(std::string number);
asio::awaitable<void> operator_is_free();
struct Database {
    asio::awaitable<std::string> find(std::string number);
    asio::awaitable<void> commit(std::string order);
} database;
const std::string number, order, announcement, secret;
const agi::StreamFile hold_prompt("hold");

asio::awaitable<void> stored_action(agi::AGI& call) {
    const agi::GetData ask_pin = agi::GetData("agent-pass").timeout(5s).max_digits(4);
    const auto entered = co_await call.execute(ask_pin);
}

void registration(agi::FastAGIServer& server) {
    server.register_script_handler("support/(?<queue>\\w+)", support);
    server.register_script_handler("menu$", menu);
    server.set_default_handler(fallback);
}

asio::awaitable<void> without_exceptions(agi::AGI& call) {
    const auto played = co_await call.try_execute(agi::StreamFile(announcement));
    if (!played && !played.hung_up())
        co_await call.execute(agi::StreamFile("beep"));  // C++ has no co_await in a catch block
}

asio::awaitable<void> work_for_the_caller(agi::AGI& call) {
    const auto customer = co_await call.unless_hung_up(database.find(number));
    co_await agi::shielded(database.commit(order));
}

asio::awaitable<void> menu(agi::AGI& call, const agi::Request& request) {
    const auto answer = co_await call.try_execute(agi::GetData("menu"));
    call.allow_after_hangup();
    const std::string chosen = answer ? answer->digits : "nothing";
    co_await call.execute(agi::SetVariable("CHOSEN", chosen));
}

asio::awaitable<void> deadline(agi::AGI& call) {
    co_await call.execute(agi::GetData("agent-pass"), 20s);          // or a time point
}

asio::awaitable<void> several_at_once(agi::AGI& call) {
    const auto first = co_await agi::race(call.execute(agi::WaitForDigit()), operator_is_free());
    if (first.index() == 0) { /* a key: std::get<0>(first) */ }

    auto [customer, key] = co_await agi::join(find(number), call.execute(agi::WaitForDigit(10s)));
}

asio::awaitable<void> prompt_during_work(agi::AGI& call) {
    const auto [found, played] = co_await call.execute_during(hold_prompt, look_up(number));
}

void tokens(agi::AGI& call) {
    call.async_execute(agi::StreamFile("hello"), 20s, [](costrix::error_code error, agi::StreamFile::Result played) {});

    auto first = asio::experimental::make_parallel_group(
        call.async_execute(agi::WaitForDigit(), costrix::deferred), call.async_wait_for_hangup(costrix::deferred));
}

asio::awaitable<void> blocking_code(agi::AGI& call) {
    asio::thread_pool pool(8);
    const auto row = co_await call.unless_hung_up(agi::run_on(pool, query(number)));
}

namespace service {
int main() {
    return agi::run_server({.port = 4573}, [](agi::FastAGIServer& server) {
        server.register_script_handler("menu$", menu);
    });
}
}  // namespace service

void admission() {
    agi::FastAGIServerOptions options;
    options.admission = [](const agi::AdmissionRequest& asked) {
        return asked.request.kwargs.first("key") == secret;
    };
}

void other_hosts() {
    agi::FastAGIServer server({.interface = "", .allow = {"127.0.0.1", "::1", "10.1.0.0/16"}});
}

void observing() {
    class SlowTurn : public agi::CallObserver {
    public:
        explicit SlowTurn(std::string_view route) : route_(route) {}
        void on_command(const agi::SentCommand& sent) override {
            if (sent.turn_around > 200ms)
                spdlog::warn("{}: {} came late", route_, sent.name);
        }

    private:
        std::string_view route_;
    };

    class SlowTurns : public agi::Observer {
        std::unique_ptr<agi::CallObserver> on_call(const agi::ObservedCall& call) override {
            return std::make_unique<SlowTurn>(call.route);
        }
    };

    agi::FastAGIServer server({.observer = std::make_shared<SlowTurns>()});
}

}  // namespace
