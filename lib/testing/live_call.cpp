// SPDX-License-Identifier: MIT
// Plays a FakeAsterisk's call on a real connection, or against a script's process, in real time.
#include "testing/live_call.hpp"

#include "testing/script_process.hpp"

#include <costrix/agi/protocol/printable.hpp>
#include <costrix/asio.hpp>

#include <algorithm>
#include <array>
#include <csignal>
#include <exception>
#include <tuple>
#include <utility>

namespace costrix::inline COSTRIX_ABI::testing::detail {
namespace {

using namespace asio::experimental::awaitable_operators;

template <class Stream>
asio::awaitable<std::size_t> read_from(Stream& stream, asio::mutable_buffer into) {
    const auto [error, size] = co_await stream.async_read_some(into, kTuple);
    co_return error ? 0 : size;
}

template <class Stream>
asio::awaitable<bool> write_to(Stream& stream, std::string bytes) {
    asio::steady_timer patience(stream.get_executor(), std::chrono::milliseconds(100));
    const auto ended = co_await (
        asio::async_write(stream, asio::buffer(bytes), kTuple) || patience.async_wait(kTuple)
    );
    co_return ended.index() == 0 && !std::get<0>(std::get<0>(ended));
}

class ServerWire final : public CallWire {
public:
    explicit ServerWire(asio::ip::tcp::socket socket) : socket_(std::move(socket)) {}

    asio::awaitable<std::size_t> read(asio::mutable_buffer into) override {
        return read_from(socket_, into);
    }
    asio::awaitable<bool> write(std::string bytes) override {
        return write_to(socket_, std::move(bytes));
    }
    void close() override { socket_.close(); }

private:
    asio::ip::tcp::socket socket_;
};

class ScriptWire final : public CallWire {
public:
    explicit ScriptWire(std::unique_ptr<ScriptProcess> script) : script_(std::move(script)) {}

    asio::awaitable<std::size_t> read(asio::mutable_buffer into) override {
        return read_from(script_->output(), into);
    }
    asio::awaitable<bool> write(std::string bytes) override {
        return write_to(script_->input(), std::move(bytes));
    }
    void close() override { script_->close(); }

private:
    std::unique_ptr<ScriptProcess> script_;
};

/// Throws std::system_error when cancelled.
asio::awaitable<void> until_one_ends(asio::awaitable<void> one, asio::awaitable<void> other) {
    try {
        co_await (std::move(one) || std::move(other));
    } catch (const asio::multiple_exceptions& both) {
        std::rethrow_exception(both.first_exception());
    }
}

}  // namespace

LiveCall::LiveCall(asio::ip::tcp::socket socket, FakeAsterisk& asterisk, double speed)
    : asterisk_(asterisk), script_(nullptr), speed_(speed), timer_(socket.get_executor()),
      audio_(
          socket.get_executor(),
          [this] { catch_up(); },
          [this] { wake(); }
      ) {
    wire_ = std::make_unique<ServerWire>(std::move(socket));
}

LiveCall::LiveCall(std::unique_ptr<ScriptProcess> script, FakeAsterisk& asterisk, double speed)
    : asterisk_(asterisk), script_(script.get()), speed_(speed),
      timer_(script->output().get_executor()), audio_(
                                                   script->output().get_executor(),
                                                   [this] { catch_up(); },
                                                   [this] { wake(); }
                                               ) {
    wire_ = std::make_unique<ScriptWire>(std::move(script));
}

LiveCall::~LiveCall() = default;

LiveCall::Time LiveCall::now() const {
    return std::chrono::duration_cast<Time>((Clock::now() - begun_) * speed_) + skipped_;
}

LiveCall::Clock::time_point LiveCall::real_time(Time time) const {
    using Span = std::chrono::duration<double, std::nano>;
    constexpr Span century = std::chrono::hours(24 * 36525);
    const Span span = Span(time - skipped_) / speed_;
    if (span > century)
        return Clock::time_point::max();
    return begun_ + std::chrono::ceil<Clock::duration>(span);
}

void LiveCall::catch_up() {
    if (const auto passed = now() - asterisk_.now(); passed > Time{})
        asterisk_.advance(passed);
}

void LiveCall::skip_ahead() {
    if (const auto next = asterisk_.next_event())
        skipped_ += std::max(asterisk_.now() + *next - now(), Time{});
    wake();
}

asio::awaitable<void> LiveCall::run() {
    co_await until_one_ends(read(), write_and_wait());
    cut();
}

asio::awaitable<void> LiveCall::read() {
    std::array<char, 16384> buffer;
    while (true) {
        const auto size = co_await wire_->read(asio::buffer(buffer));
        if (over_)
            co_return;
        catch_up();
        if (size == 0)
            break;
        mid_line_ = buffer[size - 1] != '\n';
        asterisk_.receive({buffer.data(), size});
        wake();
        if (hopeless_ && hopeless_())
            co_return;
    }
    note_end();
    if (script_)
        co_await await_script();
}

/// Asterisk waits for the process, whatever became of its descriptors.
asio::awaitable<void> LiveCall::await_script() {
    asterisk_.script_half_closed();
    wake();
    const int status = co_await script_->wait();
    if (over_)
        co_return;
    exit_status_ = status;
    catch_up();
    asterisk_.script_exited(status);
}

/// Writes whatever Asterisk has to say, now and whenever something falls due.
asio::awaitable<void> LiveCall::write_and_wait() {
    while (true) {
        for (; script_ && sighups_ < asterisk_.sighups(); ++sighups_)
            script_->signal(SIGHUP);
        audio_.serve(asterisk_.take_audio_connections());
        if (auto output = asterisk_.take_output(); !output.empty()) {
            const bool written = co_await wire_->write(std::move(output));
            if (!written && !script_) {
                note_end();
                co_return;
            }
            continue;
        }
        if (asterisk_.closed()) {
            if (!script_)
                co_return;
            wire_->close();
        }
        const auto next = over_ ? std::nullopt : asterisk_.next_event();
        timer_.expires_at(next ? real_time(asterisk_.now() + *next) : Clock::time_point::max());
        co_await timer_.async_wait(kTuple);
        if (!over_)
            catch_up();
    }
}

/// A script that does not fail closes nothing while a command runs.
void LiveCall::note_end() {
    if (asterisk_.closed() || asterisk_.hung_up())
        return;
    if (mid_line_)
        trouble_ = "the connection ended within a command";
    else if (asterisk_.busy()) {
        const auto commands = asterisk_.texts(EventKind::command);  // none without_events()
        trouble_ = commands.empty() ? "the connection ended while a command ran"
                                    : "the connection ended while this command ran: " +
                                          agi::printable(commands.back());
    }
}

// Asterisk still runs the commands that the script has left behind.
void LiveCall::cut() {
    if (std::exchange(over_, true))
        return;
    if (script_ && !exit_status_) {
        script_->signal(SIGKILL);
        asterisk_.script_exited(128 + SIGKILL);
    }
    audio_.close();
    if (!asterisk_.closed())
        asterisk_.script_closed();
    while (!asterisk_.closed() && asterisk_.advance_to_next_event()) {
    }
    wire_->close();
    wake();
}

}  // namespace costrix::inline COSTRIX_ABI::testing::detail
