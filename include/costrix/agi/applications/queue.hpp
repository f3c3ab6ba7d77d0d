// SPDX-License-Identifier: MIT
// Applications where callers wait, meet and leave messages: Queue, ConfBridge, VoiceMail, Stasis.
#pragma once

#include <costrix/agi/detail/config.hpp>
#include <costrix/agi/applications/application.hpp>

#include <cstdint>

namespace costrix::inline COSTRIX_ABI::agi {

/// What became of a Queue.
struct Queued {
    /// The values of QUEUESTATUS.
    enum class Status : std::uint8_t {
        served,             ///< An agent took the call, and it has ended: no QUEUESTATUS.
        timeout,            ///< TIMEOUT
        full,               ///< FULL
        join_empty,         ///< JOINEMPTY: no agents, so that nobody may wait.
        leave_empty,        ///< LEAVEEMPTY
        join_unavailable,   ///< JOINUNAVAIL
        leave_unavailable,  ///< LEAVEUNAVAIL
        continued,          ///< CONTINUE: served, with the option c.
        withdrawn,          ///< WITHDRAW
        other,              ///< Anything else; see `text`.
    };

    Status status = Status::other;  ///< How the caller left the queue.
    std::string text;               ///< QUEUESTATUS; empty when served.

    /// True if an agent took the call, or the queue let the dialplan continue afterwards.
    explicit operator bool() const noexcept {
        return status == Status::served || status == Status::continued;
    }
};

/// Waits for an agent of a queue (Queue).
class Queue : public detail::WithOptions<Queue> {
public:
    /// A queue of queues.conf, by its name.
    explicit Queue(std::string name) : name_(std::move(name)) {}
    /// How long to wait, at least 1 s; by default for ever.
    Queue& timeout(std::chrono::seconds time);
    /// A sound file for the agent instead of the queue's own.
    Queue& announce(std::string file) {
        announce_ = std::move(file);
        return *this;
    }
    /// A subroutine on the agent's channel.
    Queue& subroutine(std::string context) {
        subroutine_ = std::move(context);
        return *this;
    }
    /// The name of a rule of queuerules.conf.
    Queue& rule(std::string name) {
        rule_ = std::move(name);
        return *this;
    }
    /// Ringing instead of music (r).
    Queue& ringing() { return option('r'); }
    /// Goes on when the agent hangs up (c).
    Queue& goes_on() { return option('c'); }

    /// Sends one command before, so that a QUEUESTATUS of an earlier Queue is not taken for its
    /// own.
    [[nodiscard]] asio::awaitable<Queued> run(AGI& call) const;

private:
    std::string name_, timeout_, announce_, subroutine_, rule_;
};

std::string_view to_string(Queued::Status status) noexcept;

/// What became of a ConfBridge.
struct Conferred {
    std::string text;  ///< CONFBRIDGE_RESULT: FAILED, HANGUP, KICKED, ENDMARKED, DTMF or TIMEOUT.

    /// True unless it failed at the start.
    explicit operator bool() const noexcept { return !text.empty() && text != "FAILED"; }
};

/// Takes part in a conference (ConfBridge).
class ConfBridge {
public:
    /// A conference, by its name or number.
    explicit ConfBridge(std::string conference) : conference_(std::move(conference)) {}
    /// The profiles and the menu of confbridge.conf.
    ConfBridge& bridge_profile(std::string name) {
        bridge_ = std::move(name);
        return *this;
    }
    /// The caller's profile.
    ConfBridge& user_profile(std::string name) {
        user_ = std::move(name);
        return *this;
    }
    /// The menu that the caller's keys control.
    ConfBridge& menu(std::string name) {
        menu_ = std::move(name);
        return *this;
    }
    /// Joins the conference until the caller leaves it. Throws: as AGI::execute().
    [[nodiscard]] asio::awaitable<Conferred> run(AGI& call) const;

private:
    std::string conference_, bridge_, user_, menu_;
};

/// What became of a VoiceMail.
struct VoiceMailResult {
    /// The values of VMSTATUS.
    enum class Status : std::uint8_t {
        success,    ///< SUCCESS: a message was left.
        user_exit,  ///< USEREXIT: the caller pressed 0 or `*`, or hung up.
        failed,     ///< FAILED
    };

    Status status = Status::failed;  ///< How it ended.
    std::string text;                ///< VMSTATUS

    /// True if a message was left.
    explicit operator bool() const noexcept { return status == Status::success; }
};

/// Leaves a message in a mailbox (VoiceMail).
class VoiceMail : public detail::WithOptions<VoiceMail> {
public:
    /// A mailbox, "100" or "100@context".
    explicit VoiceMail(std::string mailbox) : mailboxes_{std::move(mailbox)} {}
    /// One more mailbox, which gets a copy.
    VoiceMail& also(std::string mailbox) {
        mailboxes_.push_back(std::move(mailbox));
        return *this;
    }
    /// The greeting for "busy" (b) or "unavailable" (u).
    VoiceMail& busy() { return option('b'); }
    /// Plays the greeting for a mailbox whose owner does not answer (u).
    VoiceMail& unavailable() { return option('u'); }
    /// Without the instructions (s).
    VoiceMail& skip_instructions() { return option('s'); }
    /// Takes digits for an extension of this context during the greeting (d).
    VoiceMail& digits_to(std::string_view context) { return option('d', context); }

    /// Takes the message. Throws: as AGI::execute().
    [[nodiscard]] asio::awaitable<VoiceMailResult> run(AGI& call) const;

private:
    std::vector<std::string> mailboxes_;
};

/// Lets the caller hear his messages (VoiceMailMain).
class VoiceMailMain : public detail::WithOptions<VoiceMailMain> {
public:
    /// A mailbox, or a prompt for one without.
    explicit VoiceMailMain(std::string mailbox = "") : mailbox_(std::move(mailbox)) {}
    /// Without the question for the password (s).
    VoiceMailMain& skip_password() { return option('s'); }

    /// Lets the caller listen to messages. Throws: as AGI::execute().
    [[nodiscard]] asio::awaitable<void> run(AGI& call) const;

private:
    std::string mailbox_;
};

/// Gives the call to an ARI application (Stasis).
class Stasis {
public:
    /// The application's name and its arguments.
    template <class... Arguments>
    explicit Stasis(std::string application, Arguments... arguments)
        : arguments_{std::move(application), std::string(std::move(arguments))...} {}
    /// True unless Asterisk could not give it away (STASISSTATUS).
    [[nodiscard]] asio::awaitable<bool> run(AGI& call) const;

private:
    std::vector<std::string> arguments_;
};

}  // namespace costrix::inline COSTRIX_ABI::agi
