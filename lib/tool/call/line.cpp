// SPDX-License-Identifier: MIT
// A simulated call on a real connection, for a poll() loop to drive.
#include "tool/call/line.hpp"

#include "tool/formatting.hpp"

#include <algorithm>
#include <csignal>
#include <string>
#include <utility>

namespace costrix::tool {

using std::chrono::nanoseconds;
using testing::EventKind;

namespace {

// Who has said so many lines, and not one that Asterisk knows, would go on for ever: an echo of
// Asterisk's own replies, for one.
constexpr std::size_t kMostUnknown = 20;

bool is_unknown(const std::string& reply) {
    return reply.starts_with("510");
}

}  // namespace

Line::Line(testing::FakeAsterisk& asterisk, Socket socket, double speed)
    : asterisk_(&asterisk), socket_(std::move(socket)), speed_(speed) {
    socket_.write(asterisk_->take_output());
}

Line::Line(testing::FakeAsterisk& asterisk, std::unique_ptr<ScriptChild> script, double speed)
    : Line(asterisk, script->take_socket(), speed) {
    script_ = std::move(script);
}

int Line::descriptor() const noexcept {
    const bool script_only = !socket_ && script_ && !over_;
    return script_only ? script_->descriptor() : socket_.descriptor();
}

std::optional<nanoseconds> Line::until_next() const {
    const auto next = asterisk_->next_event();
    if (over_ || !next)
        return std::nullopt;
    return std::max(real(asterisk_->now() + *next - now()), nanoseconds{}) + nanoseconds(1);
}

nanoseconds Line::now() const {
    const auto passed = static_cast<double>((Clock::now() - begun_).count()) * speed_;
    return nanoseconds(static_cast<nanoseconds::rep>(passed)) + skipped_;
}

nanoseconds Line::real(nanoseconds span) const {
    return nanoseconds(static_cast<nanoseconds::rep>(static_cast<double>(span.count()) / speed_));
}

void Line::skip_ahead() {
    if (const auto next = asterisk_->next_event())
        skipped_ += std::max(asterisk_->now() + *next - now(), nanoseconds{});
}

void Line::catch_up() {
    const auto passed = now() - asterisk_->now();
    if (passed > nanoseconds{})
        asterisk_->advance(passed);
}

void Line::progress() {
    if (over_)
        return;
    catch_up();
    if (socket_)
        exchange();
    for (; script_ && sighups_ < asterisk_->sighups(); ++sighups_)
        script_->signal(SIGHUP);
    if (!socket_ && script_)
        await_script();
}

void Line::exchange() {
    bool ended = false;
    if (socket_.wait({})) {
        std::string came;
        ended = socket_.read(came) <= 0;
        mid_line_ = came.empty() ? mid_line_ : came.back() != '\n';
        asterisk_->receive(came);
    }
    const auto output = asterisk_->take_output();
    const bool gone = !output.empty() && !socket_.write(output);
    if (ended || gone || asterisk_->closed())
        end_of_input();
    else if (!speaks_agi(*asterisk_) && asterisk_->texts(EventKind::command).size() >= kMostUnknown)
        cut();
}

// Nobody closes while a command runs who does not fail, be it the handler or its whole process.
void Line::end_of_input() {
    const bool expected = asterisk_->closed() || asterisk_->hung_up();
    if (!expected && mid_line_)
        trouble_ = "the connection ended within a command";
    else if (!expected && asterisk_->busy())
        trouble_ = "the connection ended while this command ran: " +
                   printable(asterisk_->texts(EventKind::command).back());
    if (!script_) {
        cut();
        return;
    }
    asterisk_->script_half_closed();
    socket_.close();
}

// Asterisk waits for the process, whatever became of its descriptors.
void Line::await_script() {
    exit_status_ = script_->status();
    if (!exit_status_)
        return;
    asterisk_->script_exited(*exit_status_);
    cut();
}

// Commands that the script has left behind are still run.
void Line::cut() {
    if (script_ && !exit_status_) {
        script_->signal(SIGKILL);
        asterisk_->script_exited(128 + SIGKILL);
    }
    if (!asterisk_->closed())
        asterisk_->script_closed();
    while (!asterisk_->closed() && asterisk_->advance_to_next_event()) {
    }
    socket_.close();
    over_ = true;
}

bool speaks_agi(const testing::FakeAsterisk& asterisk) {
    bool unknown = false;
    for (const auto& event : asterisk.events()) {
        if (event.kind() != EventKind::reply && event.kind() != EventKind::dropped)
            continue;
        if (event.kind() == EventKind::dropped || !is_unknown(event.text()))
            return true;
        unknown = true;
    }
    return !unknown;
}

}  // namespace costrix::tool
