// SPDX-License-Identifier: MIT
// Waiting for a while, on the session's own deadlines.
#include "session/session.hpp"

#include <asio/post.hpp>

#include <algorithm>
#include <iterator>

namespace costrix::agi::detail {

std::uint64_t Session::sleep(Deadline until, Completion&& completion) {
    const auto id = ++last_id_;
    sleepers_.push_back({id, until, std::move(completion)});
    if (closed_)
        fail_sleepers(End::disconnected);
    else if (until <= wheel_.now())
        run_later([this] { wake_sleepers(wheel_.now()); });
    else
        watch_clock(until);
    return id;
}

/// Resumes those whose time has come, in the order of their times, and sets the wheel anew.
void Session::wake_sleepers(Deadline now) {
    const auto due =
        std::stable_partition(sleepers_.begin(), sleepers_.end(), [now](const auto& one) {
            return one.until > now;
        });
    std::vector<Sleeper> woken(
        std::make_move_iterator(due), std::make_move_iterator(sleepers_.end())
    );
    sleepers_.erase(due, sleepers_.end());
    watch_clock(next_deadline());
    std::stable_sort(woken.begin(), woken.end(), [](const auto& one, const auto& other) {
        return one.until < other.until;
    });
    const Reply none;
    std::string line;
    for (auto& sleeper : woken)
        std::move(sleeper.completion)({End::replied, none, line});
}

bool Session::cancel_sleeper(std::uint64_t id) {
    const auto found = std::find_if(sleepers_.begin(), sleepers_.end(), [id](const auto& one) {
        return one.id == id;
    });
    if (found == sleepers_.end())
        return false;
    Operation operation;
    operation.completion = std::move(found->completion);
    sleepers_.erase(found);
    fail_later(std::move(operation), End::cancelled);
    return true;
}

void Session::fail_sleepers(End end) {
    for (auto& sleeper : std::exchange(sleepers_, {})) {
        Operation operation;
        operation.completion = std::move(sleeper.completion);
        fail_later(std::move(operation), end);
    }
}

}  // namespace costrix::agi::detail
