// SPDX-License-Identifier: MIT
// A simulated call on a real connection, for a poll() loop to drive.
#include "tool/call/line.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace costrix::tool {

using std::chrono::nanoseconds;

Line::Line(testing::FakeAsterisk& asterisk, Socket socket, double speed)
    : asterisk_(&asterisk), socket_(std::move(socket)), speed_(speed) {
    socket_.write(asterisk_->take_output());
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
    bool ended = false;
    if (socket_.wait({})) {
        std::string came;
        ended = socket_.read(came) <= 0;
        asterisk_->receive(came);
    }
    const auto output = asterisk_->take_output();
    const bool gone = !output.empty() && !socket_.write(output);
    if (ended || gone || asterisk_->closed())
        cut();
}

// Commands that the script has left behind are still run.
void Line::cut() {
    if (!asterisk_->closed())
        asterisk_->script_closed();
    while (!asterisk_->closed() && asterisk_->advance_to_next_event()) {
    }
    socket_.close();
    over_ = true;
}

}  // namespace costrix::tool
