// SPDX-License-Identifier: MIT
// A command, or a wait, on its way through a session, the type-erased awaiter that it resumes, and
// the few functions by which the templates of AGI reach the session behind it.
#pragma once

#include <costrix/agi/detail/cxx20.hpp>
#include <costrix/agi/protocol/command_line.hpp>
#include <costrix/agi/protocol/command_table.hpp>
#include <costrix/agi/protocol/reply.hpp>

#include <asio/any_io_executor.hpp>
#include <asio/cancellation_type.hpp>
#include <boost/intrusive/list_hook.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <new>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace costrix::agi::detail {

/// How an operation ended.
enum class End : std::uint8_t {
    replied,       ///< The reply is in Outcome::reply.
    hung_up,       ///< Asterisk said HANGUP (or the reply proved it).
    sighup,        ///< The process received SIGHUP.
    disconnected,  ///< The connection is severed.
    returned,      ///< The handler has returned, and that closed the connection.
    timed_out,     ///< The deadline passed.
    dead,          ///< The call is over, and this command needs a live channel; it was not sent.
    cancelled,     ///< Cancelled through Asio's cancellation slot.
};

/// What a Completion is told. Nothing in it survives the call.
struct Outcome {
    End end;
    const Reply& reply;  ///< Of a reply that came; code 0 otherwise.
    std::string& line;   ///< The command as sent, LF included; may be moved from.
};

/// The command line of an outcome, without its LF.
std::string_view command_of(const Outcome& outcome) noexcept;

/// Throws the exception that an outcome stands for; returns when it is `200 result=…`.
void throw_if_failed(const Outcome& outcome);

/// The same outcome as a Reply that needs no exception.
Reply to_reply(const Outcome& outcome);

/// A move-only function of an Outcome that lives in place: no allocation per command.
class Completion {
public:
    Completion() noexcept = default;

    Completion(Completion&& other) noexcept { take(other); }
    Completion& operator=(Completion&& other) noexcept {
        if (this != &other) {
            reset();
            take(other);
        }
        return *this;
    }
    ~Completion() { reset(); }

    /// Makes a function of this type here, where there was none.
    template <class F, class... Args>
    void emplace(Args&&... args) noexcept {
        static_assert(sizeof(F) <= sizeof(storage_) && alignof(F) <= alignof(void*));
        static_assert(std::is_nothrow_move_constructible_v<F>);
        ::new (static_cast<void*>(storage_)) F(std::forward<Args>(args)...);
        vtable_ = &kVtable<F>;
    }

    explicit operator bool() const noexcept { return vtable_ != nullptr; }

    /// Calls the function, once, where it is: this must live until it returns.
    void operator()(Outcome outcome) && { vtable_->call(storage_, outcome); }

private:
    struct Vtable {
        void (*call)(void*, Outcome&);
        void (*move)(void* from, void* to) noexcept;
        void (*destroy)(void*) noexcept;
    };

    template <class F>
    static constexpr Vtable kVtable{
        [](void* self, Outcome& outcome) { (*static_cast<F*>(self))(outcome); },
        [](void* from, void* to) noexcept {
            ::new (to) F(std::move(*static_cast<F*>(from)));
            static_cast<F*>(from)->~F();
        },
        [](void* self) noexcept { static_cast<F*>(self)->~F(); },
    };

    void take(Completion& other) noexcept {
        vtable_ = std::exchange(other.vtable_, nullptr);
        if (vtable_)
            vtable_->move(other.storage_, storage_);
    }
    void reset() noexcept {
        if (const auto* vtable = std::exchange(vtable_, nullptr))
            vtable->destroy(storage_);
    }

    const Vtable* vtable_ = nullptr;
    alignas(void*) std::byte storage_[3 * sizeof(void*)];
};

/// When a command must have been answered; max() for never.
using Deadline = std::chrono::steady_clock::time_point;

/// So long after `now`; never, when that is beyond what the clock can say.
template <class Rep, class Period>
Deadline after(Deadline now, std::chrono::duration<Rep, Period> time) noexcept {
    const auto most = std::chrono::duration_cast<decltype(time)>(Deadline::max() - now);
    return time < most ? now + time : Deadline::max();
}

/// A command, or a wait, from the moment it is encoded until its awaiter is resumed.
///
/// It lies in the frame of the coroutine that awaits it, and the session links it in: nothing is
/// copied or allocated for it. The frame goes with the completion, so that must be moved away from
/// here before it is called or dropped.
struct Operation
    : boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
    explicit Operation(Deadline when) noexcept : deadline(when) {}
    Operation(std::string&& text, CommandTraits command, Deadline when) noexcept
        : line(std::move(text)), deadline(when), traits(command) {}
    /// Only for what no session has.
    Operation(Operation&& other) noexcept
        : id(other.id), line(std::move(other.line)), deadline(other.deadline),
          traits(other.traits) {}
    Operation& operator=(Operation&&) = delete;
    ~Operation() = default;

    /// Lets go of the coroutine that awaits this, and so of this.
    void drop() noexcept {
        if (is_linked())
            unlink();
        const auto gone = std::move(completion);
    }

    std::uint64_t id = 0;
    std::string line;  ///< LF included; empty for a wait.
    Deadline deadline;
    Completion completion;
    CommandTraits traits;
};

class Session;

/// Ends a coroutine that tries again and again after its call has ended, and suspends nowhere in
/// between. It is no std::exception, since such a loop catches those.
struct Stopped {};

/// An empty command line, with the session's limit and its spare memory.
CommandLine new_line(Session& session);
/// Checks a line and gives its text; throws AGIUsageError, with the command's name, when it cannot
/// be sent.
std::string finish(Session& session, CommandLine&& line, std::string_view command);
/// An identity for cancel(), never 0.
std::uint64_t next_id(Session& session) noexcept;
/// Sends the operation's command, or queues it. Here and below its completion is never called
/// before this returns; when this throws, the operation is to be dropped.
void submit(Session& session, Operation& operation);
/// On a call that has ended: fails it as a command would fail.
void refuse(Session& session, Operation& operation);
/// Lets it wait for the hangup.
void watch(Session& session, Operation& operation);
/// Lets it wait for its deadline.
void sleep(Session& session, Operation& operation);
/// So long from now, by the clock that the session's deadlines are measured by.
Deadline deadline_after(Session& session, std::chrono::nanoseconds time) noexcept;
/// Cancels the operation with this id, if it is still there.
void cancel(Session& session, std::uint64_t id, asio::cancellation_type type);
/// Gives a line's memory back for the next one.
void give_back(Session& session, std::string&& line) noexcept;
const asio::any_io_executor& executor_of(Session& session) noexcept;
[[noreturn]] void throw_aborted();
bool is_hung_up(Session& session) noexcept;
/// Throws the kind of AGIHangup that the session ended with.
[[noreturn]] void throw_hangup(Session& session);

}  // namespace costrix::agi::detail
