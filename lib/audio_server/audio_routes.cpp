// SPDX-License-Identifier: MIT
// Which handler serves which UUID.
#include "audio_server/audio_routes.hpp"

#include <algorithm>
#include <exception>
#include <new>
#include <utility>

namespace costrix::inline COSTRIX_ABI::agi::detail {
namespace {

/// At the start. Of an expression that is too costly, Boost throws; it matches nothing then.
bool matches(const boost::regex& regex, const std::string& text) {
    try {
        return boost::regex_search(text, regex, boost::match_continuous);
    } catch (const std::bad_alloc&) {  // another handler may not get the line
        throw;
    } catch (const std::exception&) {
        return false;
    }
}

}  // namespace

void AudioRoutes::add(const std::optional<std::string>& pattern, AudioHandler handler) {
    if (!pattern) {
        std::lock_guard lock(mutex_);
        others_.swap(handler);
        return;
    }
    Route route{*pattern, boost::regex(*pattern), std::move(handler)};
    std::lock_guard lock(mutex_);
    const auto same = std::find_if(routes_.begin(), routes_.end(), [&](const Route& one) {
        return one.pattern == *pattern;
    });
    if (same == routes_.end())
        routes_.push_back(std::move(route));
    else
        std::swap(*same, route);
}

bool AudioRoutes::remove(const std::optional<std::string>& pattern) {
    std::lock_guard lock(mutex_);
    if (!pattern)
        return bool(std::exchange(others_, nullptr));
    return std::erase_if(routes_, [&](const Route& one) { return one.pattern == *pattern; }) > 0;
}

AudioHandler AudioRoutes::find(const Uuid& uuid) const {
    const auto text = uuid.to_string();
    std::lock_guard lock(mutex_);
    const auto found = std::find_if(routes_.begin(), routes_.end(), [&](const Route& route) {
        return matches(route.regex, text);
    });
    return found == routes_.end() ? others_ : found->handler;
}

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
