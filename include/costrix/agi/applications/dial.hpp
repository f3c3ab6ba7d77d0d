// SPDX-License-Identifier: MIT
// Applications that make calls: Dial, Originate, Transfer, Page, ChanSpy.
#pragma once

#include <costrix/agi/detail/config.hpp>
#include <costrix/agi/applications/application.hpp>

#include <cstdint>

namespace costrix::inline COSTRIX_ABI::agi {

/// What became of a Dial.
struct Dialled {
    /// The values of DIALSTATUS.
    enum class Status : std::uint8_t {
        answered,      ///< ANSWER
        busy,          ///< BUSY
        no_answer,     ///< NOANSWER
        cancelled,     ///< CANCEL: the caller gave up.
        congestion,    ///< CONGESTION
        unavailable,   ///< CHANUNAVAIL: no such destination, or it is not reachable.
        refused,       ///< DONTCALL or TORTURE: the callee's choice in privacy mode.
        invalid_args,  ///< INVALIDARGS
        other,         ///< Anything else; see `text`.
    };

    Status status = Status::other;             ///< How the Dial ended.
    std::string text;                          ///< DIALSTATUS
    std::chrono::milliseconds dialled_time{};  ///< From dialling to the end.
    std::chrono::milliseconds talked_time{};   ///< From the answer to the end.
    std::string peer;                          ///< DIALEDPEERNAME: the callee's channel.
    std::string number;                        ///< DIALEDPEERNUMBER
    std::optional<int> cause;                  ///< HANGUPCAUSE, an ISDN cause code.

    /// True if somebody answered.
    explicit operator bool() const noexcept { return status == Status::answered; }
};

/// Calls one or more destinations and connects the caller (Dial).
///
///     const auto dialled = co_await agi::Dial("PJSIP/100").timeout(20s).run(call);
///
/// Returns when the callee has hung up, or nobody answered. When the caller hangs up it throws
/// AGIResultHangup, also with AGISIGHUP=no; what became of the Dial is then told by
/// result_of_last().
class Dial : public detail::WithOptions<Dial> {
public:
    /// A destination such as "PJSIP/100".
    explicit Dial(std::string destination) : destinations_{std::move(destination)} {}
    /// One more destination; all ring at once, and the first to answer is connected.
    Dial& also(std::string destination) {
        destinations_.push_back(std::move(destination));
        return *this;
    }
    /// How long it may ring, at least 1 s; by default for ever.
    Dial& timeout(std::chrono::seconds time);
    /// Music on hold instead of ringing (m), of a class or the channel's own.
    Dial& music(std::string_view music_class = "");
    /// Ringing for the caller, whatever the callee sends (r).
    Dial& ringing() { return option('r'); }
    /// A sound file for the callee before the two are connected (A).
    Dial& announce(std::string_view file) { return option('A', file); }
    /// The caller ID that the callee sees (f), `"Name" <number>` or a number.
    Dial& caller_id(std::string_view text) { return option('f', text); }
    /// Ends the call after this time (S), at least 1 s.
    Dial& longest(std::chrono::seconds time);
    /// Lets the callee (t) or the caller (T) transfer the call.
    Dial& callee_may_transfer() { return option('t'); }
    Dial& caller_may_transfer() { return option('T'); }  ///< Lets the caller transfer (T).
    /// Lets the caller hang up by `*` (H).
    Dial& caller_may_hang_up() { return option('H'); }
    /// Runs a subroutine on the callee's channel (U): "context" or "context^argument".
    Dial& subroutine(std::string_view text) { return option('U', text); }

    /// Lifetime: nothing is borrowed. Throws, Cancellation: as for AGI::execute of Exec.
    [[nodiscard]] asio::awaitable<Dialled> run(AGI& call) const;
    /// What became of the last Dial of this call, also after the hangup (AGI::allow_after_hangup).
    [[nodiscard]] static asio::awaitable<Dialled> result_of_last(AGI& call);

private:
    std::vector<std::string> destinations_;
    std::string timeout_;
};

std::string_view to_string(Dialled::Status status) noexcept;

/// What became of an Originate.
struct Originated {
    bool success = false;  ///< True if ORIGINATE_STATUS is SUCCESS.
    std::string text;  ///< ORIGINATE_STATUS: SUCCESS, FAILED, BUSY, CONGESTION, HANGUP, RINGING …

    explicit operator bool() const noexcept { return success; }  ///< True on success.
};

/// Calls somebody else, and connects the callee to an extension or an application (Originate).
class Originate : public detail::WithOptions<Originate> {
public:
    /// Connects `destination`, such as "PJSIP/100", to an extension of the dialplan.
    static Originate to_extension(
        std::string destination,
        std::string context,
        std::string extension = "s",
        std::string priority = "1"
    );
    /// Connects it to an application, whose arguments are one text.
    static Originate
    to_application(std::string destination, std::string application, std::string arguments = "");
    /// How long it may ring, at least 1 s; 30 s by default.
    Originate& timeout(std::chrono::seconds time);
    /// Does not wait for the answer (a).
    Originate& without_waiting() { return option('a'); }
    /// The caller ID number (c) and name (n) that the callee sees.
    Originate& caller_number(std::string_view number) { return option('c', number); }
    /// The name that the called party sees (n).
    Originate& caller_name(std::string_view name) { return option('n', name); }

    /// Originates the call. Throws: as AGI::execute().
    [[nodiscard]] asio::awaitable<Originated> run(AGI& call) const;

private:
    Originate() = default;

    std::vector<std::string> arguments_;
    std::string timeout_;
};

/// What became of a Transfer.
struct Transferred {
    bool success = false;  ///< True if TRANSFERSTATUS is SUCCESS.
    std::string text;      ///< TRANSFERSTATUS: SUCCESS, FAILURE or UNSUPPORTED.
    std::string protocol;  ///< TRANSFERSTATUSPROTOCOL: the SIP code, or 0.

    explicit operator bool() const noexcept { return success; }  ///< True on success.
};

/// Asks the caller's side to call somebody else instead (Transfer).
class Transfer {
public:
    /// A destination, such as "PJSIP/100" or a number.
    explicit Transfer(std::string destination) : destination_(std::move(destination)) {}
    /// Transfers the caller. Throws: as AGI::execute().
    [[nodiscard]] asio::awaitable<Transferred> run(AGI& call) const;

private:
    std::string destination_;
};

/// Announces something to many phones at once (Page).
class Page : public detail::WithOptions<Page> {
public:
    /// A device to page, such as "PJSIP/100".
    explicit Page(std::string destination) : destinations_{std::move(destination)} {}
    /// One more device.
    Page& also(std::string destination) {
        destinations_.push_back(std::move(destination));
        return *this;
    }
    /// How long phones may ring, at least 1 s.
    Page& timeout(std::chrono::seconds time);
    /// Lets the phones talk as well (d).
    Page& both_ways() { return option('d'); }
    /// Without a beep (q).
    Page& quiet() { return option('q'); }

    /// Pages them. Throws: as AGI::execute().
    [[nodiscard]] asio::awaitable<void> run(AGI& call) const;

private:
    std::vector<std::string> destinations_;
    std::string timeout_;
};

/// Listens to other channels (ChanSpy).
class ChanSpy : public detail::WithOptions<ChanSpy> {
public:
    /// Channels whose names begin with `prefix`; all without.
    explicit ChanSpy(std::string prefix = "") : prefix_(std::move(prefix)) {}
    /// Without the announcement of the channel (q).
    ChanSpy& quiet() { return option('q'); }
    /// Lets the caller whisper to the channel (w).
    ChanSpy& whisper() { return option('w'); }
    /// Ends when the channel hangs up (E).
    ChanSpy& ends_with_channel() { return option('E'); }

    /// Listens until the caller hangs up or leaves. Throws: as AGI::execute().
    [[nodiscard]] asio::awaitable<void> run(AGI& call) const;

private:
    std::string prefix_;
};

}  // namespace costrix::inline COSTRIX_ABI::agi
