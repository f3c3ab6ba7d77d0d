// SPDX-License-Identifier: MIT
// What is known about the channel: whether it is alive, and what a reply says about that.
#pragma once

#include <costrix/agi/detail/operation.hpp>
#include <costrix/agi/protocol/command_table.hpp>
#include <costrix/agi/protocol/reply.hpp>

#include <cstdint>
#include <string_view>

namespace costrix::inline COSTRIX_ABI::agi::detail {

/// What to conclude from the answer to kHangupCheck.
enum class Conclusion : std::uint8_t {
    no_news,     ///< It is alive, or there is no telling.
    hung_up,     ///< The caller hung up during this session.
    dead_start,  ///< The channel was dead before it: the h extension, or a hangup handler.
};

/// Decides what is a hangup. Asterisk reports one by a HANGUP line or SIGHUP, unless AGISIGHUP=no;
/// then only replies tell: a 511 to a command that needs a live channel, or a -1.
class ChannelState {
public:
    /// How the call ended; End::replied while it lives.
    End hangup() const noexcept { return hangup_; }
    bool hung_up() const noexcept { return hangup_ != End::replied; }
    /// The handler wants to send commands after the hangup.
    bool cleans_up() const noexcept { return cleans_up_; }
    /// False once Asterisk is known to report hangups, or the call is over.
    bool needs_checks() const noexcept { return !reported_ && !hung_up(); }

    void allow_after_hangup() noexcept { cleans_up_ = true; }
    /// The call is over; the first reason counts. False if it was over already.
    bool hang_up(End how) noexcept;
    /// SIGHUP: a 511 may have revealed the same hangup a moment before.
    bool sighup(bool starts_dead) noexcept;
    /// The channel was dead when the session began. What runs now is the handler's regular work.
    void note_dead_start() noexcept;
    /// A command that needs a live channel succeeded.
    void note_service() noexcept;
    /// Whether the channel has proved to be alive since this was last asked.
    bool take_service() noexcept;

    /// True if a 511 is proof of a hangup: such a command has worked before in this session.
    bool has_served() const noexcept { return life_ == Life::served; }
    /// True if a -1 may be a failure or a hangup. RECORD FILE says which, except of its beep.
    static bool is_doubtful(const Reply& reply, const CommandTraits& command) noexcept;
    /// True if a reply is the news of the hangup, and not a result.
    bool means_hangup(const Reply& reply, const CommandTraits& command) const noexcept;
    /// Takes the answer to kHangupCheck. `refused`: it was asked because of a 511.
    Conclusion conclude(std::string_view answer, bool refused, bool starts_dead) noexcept;

private:
    enum class Life : std::uint8_t {
        unknown,  ///< It may have been dead when the session began.
        seen,     ///< It was alive at some time in this session.
        served,   ///< It has run a command that only a live channel runs.
    };

    End hangup_ = End::replied;
    Life life_ = Life::unknown;
    bool cleans_up_ = false;
    bool reported_ = false;       // Asterisk reports hangups: AGISIGHUP is not `no`
    bool served_lately_ = false;  // see take_service()
};

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
