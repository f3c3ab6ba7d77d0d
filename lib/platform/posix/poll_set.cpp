// SPDX-License-Identifier: MIT
// A poll set by poll(2), which looks at each descriptor each time, and waits whole milliseconds.
#include "platform/poll_set.hpp"

#include <poll.h>

#include <algorithm>
#include <limits>
#include <unordered_map>

namespace costrix::inline COSTRIX_ABI::agi::detail {
namespace {

short events(PollSet::Interest interest) noexcept {
    return interest == PollSet::Interest::writable ? POLLOUT : POLLIN;
}

}  // namespace

struct PollSet::Impl {
    std::vector<pollfd> watched;
    std::vector<std::uint64_t> tags;               // of the same in `watched`
    std::unordered_map<int, std::size_t> indices;  // by descriptor
};

PollSet::PollSet() : impl_(std::make_unique<Impl>()) {}

PollSet::~PollSet() = default;

bool PollSet::add(int descriptor, Interest interest, std::uint64_t tag) {
    impl_->indices[descriptor] = impl_->watched.size();
    impl_->watched.push_back({descriptor, events(interest), 0});
    impl_->tags.push_back(tag);
    return true;
}

void PollSet::change(int descriptor, Interest interest, std::uint64_t tag) {
    const auto index = impl_->indices.at(descriptor);
    impl_->watched[index].events = events(interest);
    impl_->tags[index] = tag;
}

/// The last one takes its place.
void PollSet::remove(int descriptor) noexcept {
    const auto found = impl_->indices.find(descriptor);
    if (found == impl_->indices.end())
        return;
    const auto index = found->second;
    impl_->indices.erase(found);
    auto& [watched, tags, indices] = *impl_;
    if (index + 1 < watched.size()) {
        watched[index] = watched.back();
        tags[index] = tags.back();
        indices[watched[index].fd] = index;
    }
    watched.pop_back();
    tags.pop_back();
}

const std::vector<std::uint64_t>& PollSet::wait(std::chrono::nanoseconds longest) {
    using std::chrono::milliseconds;
    const auto time = std::clamp<milliseconds::rep>(
        std::chrono::ceil<milliseconds>(longest).count(), 0, std::numeric_limits<int>::max()
    );
    auto& watched = impl_->watched;
    const int size = ::poll(watched.data(), watched.size(), static_cast<int>(time));
    ready_.clear();
    for (std::size_t i = 0; size > 0 && i < watched.size(); ++i) {
        if (watched[i].revents != 0)
            ready_.push_back(impl_->tags[i]);
    }
    return ready_;
}

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
