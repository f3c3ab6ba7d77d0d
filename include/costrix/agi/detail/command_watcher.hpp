// SPDX-License-Identifier: MIT
// Whoever has to act before a command of a session's and after it.
#pragma once

#include <costrix/agi/detail/config.hpp>

#include <string_view>

namespace costrix::inline COSTRIX_ABI::agi::detail {

/// Sees the commands of a session.
class CommandWatcher {
public:
    /// A command is being submitted. What is submitted from here goes first, and is seen too.
    virtual void before(std::string_view line) noexcept = 0;
    /// A command has ended, and its awaiter has been resumed. Called once for each before(), unless
    /// the awaiter is destroyed.
    virtual void after() noexcept = 0;

protected:
    ~CommandWatcher() = default;
};

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
