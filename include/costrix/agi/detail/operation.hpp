// SPDX-License-Identifier: MIT
// A command or a wait on its way through a session, and the type-erased function that ends it.
#pragma once

#include <costrix/agi/detail/config.hpp>
#include <costrix/agi/protocol/command_line.hpp>
#include <costrix/agi/protocol/command_table.hpp>
#include <costrix/agi/protocol/reply.hpp>

#include <boost/intrusive/list_hook.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <new>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace costrix::inline COSTRIX_ABI::agi::detail {

/// How an operation ended.
enum class End : std::uint8_t {
    replied,       ///< The reply is in Outcome::reply.
    hung_up,       ///< Asterisk reported the hangup, or a reply proved it.
    sighup,        ///< The process received SIGHUP.
    disconnected,  ///< The connection is lost.
    returned,      ///< The handler has returned, which closes the connection.
    timed_out,     ///< The deadline passed.
    dead,          ///< Not sent: the call is over, and the command needs a live channel.
    cancelled,     ///< Cancelled through Asio's cancellation slot.
};

/// What a Completion receives; valid during the call only.
struct Outcome {
    End end;
    const Reply& reply;  ///< The reply; its code is 0 if none came.
    std::string& line;   ///< The command as sent, including its LF; may be moved from.
};

/// A move-only function of an Outcome, stored in place: no allocation per command.
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

    /// Constructs a function of type F in place; there must be none yet.
    template <class F, class... Args>
    void emplace(Args&&... args) noexcept {
        static_assert(sizeof(F) <= sizeof(storage_) && alignof(F) <= alignof(void*));
        static_assert(std::is_nothrow_move_constructible_v<F>);
        ::new (static_cast<void*>(storage_)) F(std::forward<Args>(args)...);
        vtable_ = &kVtable<F>;
    }

    explicit operator bool() const noexcept { return vtable_ != nullptr; }

    /// Calls the function, once. This must live until it returns.
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

/// The time by which a command must have been answered; max() for no limit.
using Deadline = std::chrono::steady_clock::time_point;

/// `now + time`, or Deadline::max() if that overflows.
template <class Rep, class Period>
Deadline after(Deadline now, std::chrono::duration<Rep, Period> time) noexcept {
    const auto limit = std::chrono::duration_cast<decltype(time)>(Deadline::max() - now);
    return time < limit ? now + time : Deadline::max();
}

/// A command or a wait, from its encoding until its awaiter resumes.
///
/// It lives in the frame of the coroutine that awaits it, and the session links it in, so nothing
/// is copied or allocated. Completing it destroys that frame: move the completion out first.
struct Operation
    : boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
    explicit Operation(Deadline when) noexcept : deadline(when) {}
    Operation(
        std::string&& text,
        CommandTraits command,
        Deadline when,
        std::uint64_t its_id = 0
    ) noexcept
        : id(its_id), line(std::move(text)), deadline(when), traits(command) {}
    /// Only before a session has it.
    Operation(Operation&& other) noexcept
        : id(other.id), line(std::move(other.line)), deadline(other.deadline),
          traits(other.traits) {}
    Operation& operator=(Operation&&) = delete;
    ~Operation() = default;

    /// Destroys the coroutine that awaits this, and this with it.
    void drop() noexcept {
        if (is_linked())
            unlink();
        const auto gone = std::move(completion);
    }

    std::uint64_t id = 0;  ///< For SessionInterface::cancel(); 0: assigned when it is submitted.
    std::string line;      ///< Including its LF; empty for a wait.
    Deadline deadline;
    Completion completion;
    CommandTraits traits;
};

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
