// SPDX-License-Identifier: MIT
// The connections of an AudioServer.
#pragma once

#include "audio_server/audio_visitor.hpp"

#include <costrix/agi/detail/config.hpp>

#include <boost/intrusive/list.hpp>

#include <cstddef>
#include <memory>
#include <mutex>

namespace costrix::inline COSTRIX_ABI::agi::detail {

/// Any thread. Allocates nothing, so that a connection can always be removed.
class AudioVisitors {
public:
    explicit AudioVisitors(std::size_t max_unidentified) noexcept
        : max_unidentified_(max_unidentified) {}

    /// Adds one that has not identified itself. If there are too many of these, it returns the
    /// oldest, which is no longer one of them: Asterisk identifies itself at once, so that
    /// strangers who say nothing cannot keep it out.
    std::shared_ptr<AudioVisitor> enter(AudioVisitor& visitor) noexcept {
        std::lock_guard lock(mutex_);
        all_.push_back(visitor);
        unidentified_.push_back(visitor);
        if (unidentified_.size() <= max_unidentified_)
            return nullptr;
        auto& oldest = unidentified_.front();
        unidentified_.pop_front();
        return oldest.weak_from_this().lock();
    }
    /// It has identified itself, or never will; false if enter() has returned it before.
    bool leave_unidentified(AudioVisitor& visitor) noexcept {
        std::lock_guard lock(mutex_);
        return remove_unidentified(visitor);
    }
    /// Removes one that was added.
    void leave(AudioVisitor& visitor) noexcept {
        std::lock_guard lock(mutex_);
        remove_unidentified(visitor);
        all_.erase(all_.iterator_to(visitor));
    }
    bool empty() const noexcept {
        std::lock_guard lock(mutex_);
        return all_.empty();
    }
    /// See AudioVisitor::cancel().
    void cancel_all() noexcept {
        std::lock_guard lock(mutex_);
        for (auto& visitor : all_)
            visitor.cancel();
    }

private:
    bool remove_unidentified(AudioVisitor& visitor) noexcept {
        if (!visitor.among_unidentified.is_linked())
            return false;
        unidentified_.erase(unidentified_.iterator_to(visitor));
        return true;
    }

    template <boost::intrusive::list_member_hook<> AudioVisitor::*Hook>
    using List = boost::intrusive::list<
        AudioVisitor,
        boost::intrusive::member_hook<AudioVisitor, decltype(AudioVisitor::among_all), Hook>>;

    const std::size_t max_unidentified_;
    mutable std::mutex mutex_;  // of what follows
    List<&AudioVisitor::among_all> all_;
    List<&AudioVisitor::among_unidentified> unidentified_;  // the oldest first
};

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
