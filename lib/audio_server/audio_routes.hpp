// SPDX-License-Identifier: MIT
// Which handler serves which UUID.
#pragma once

#include <costrix/agi/audio_server.hpp>

#include <boost/regex.hpp>

#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace costrix::inline COSTRIX_ABI::agi::detail {

/// The handlers of an AudioServer, by pattern, in the order of registration. Thread-safe.
class AudioRoutes {
public:
    /// Throws boost::regex_error.
    void add(const std::optional<std::string>& pattern, AudioHandler handler);
    /// False if there is no such pattern.
    bool remove(const std::optional<std::string>& pattern);
    /// Empty if there is none.
    AudioHandler find(const Uuid& uuid) const;

private:
    struct Route {
        std::string pattern;
        boost::regex regex;
        AudioHandler handler;
    };

    mutable std::mutex mutex_;  // of what follows
    std::vector<Route> routes_;
    AudioHandler others_;
};

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
