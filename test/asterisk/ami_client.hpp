// SPDX-License-Identifier: MIT
// Places calls through the manager interface (AMI) of the Asterisk that `up` starts.
#pragma once

#include "asterisk/call_plan.hpp"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace costrix::test {

/// A message from AMI: a response or an event.
struct Message {
    std::vector<std::pair<std::string, std::string>> headers;

    /// First header of that name, empty where there is none.
    [[nodiscard]] std::string operator[](std::string_view name) const;
};

/// Throws what this client throws.
[[noreturn]] void fail(const std::string& what);

/// How a call ended.
struct CallOutcome {
    std::string id;         ///< as `start` returned it
    std::string agistatus;  ///< SUCCESS, HANGUP, FAILURE, NOTFOUND; empty: no script ran
    std::string report;     ///< what the plan's expression was when the script had ended
    std::chrono::milliseconds took{};
    std::vector<Message> events;  ///< user events that name this call in a CostrixId header
};

/// A logged-in manager connection; everything it throws is a std::runtime_error.
///
/// Thread safety: all members may be called from several threads. A thread of its own reads the
/// connection, so times are right even while nobody waits.
class AmiClient {
public:
    using Milliseconds = std::chrono::milliseconds;

    /// Connects to 127.0.0.1 and logs in.
    explicit AmiClient(std::uint16_t port);
    ~AmiClient();
    AmiClient(const AmiClient&) = delete;
    AmiClient& operator=(const AmiClient&) = delete;

    /// Places one call and waits until it is over.
    CallOutcome place(const CallPlan& plan, Milliseconds timeout = Milliseconds{60000});

    /// Places `count` calls, at most `concurrency` at a time; outcomes in the order they ended.
    std::vector<CallOutcome>
    place(const CallPlan& plan, std::size_t count, std::size_t concurrency, Milliseconds timeout);

    /// Places a call and returns at once with its id, which is the caller's AMI channel too.
    std::string start(const CallPlan& plan);

    /// Has `wait` wait for a call that comes from elsewhere, whose COSTRIX_ID this is.
    void expect(const std::string& id);

    /// Waits until a started call is over, once per call; past the timeout hangs up and throws.
    CallOutcome wait(const std::string& id, Milliseconds timeout = Milliseconds{60000});

    /// The caller of a started call hangs up now.
    void hang_up(const std::string& id);

    /// The caller of a started call presses a digit now.
    void press(const std::string& id, char digit);

    /// Runs a command of Asterisk's console and returns its output, its complaints included.
    std::string command(const std::string& text);

    /// Waits until Asterisk has no channel; false if it has some after 5 s.
    bool has_no_channels();

    /// Sets a global variable of the dialplan.
    void set_global(const std::string& name, const std::string& value);

    /// Waits for the oldest user event of that name, from any call, not returned before.
    Message event(const std::string& name, Milliseconds timeout);

    /// Sends any action and returns Asterisk's response; throws where that is an error.
    Message action(
        const std::string& name,
        const std::vector<std::pair<std::string, std::string>>& headers = {},
        Milliseconds timeout = Milliseconds{10000}
    );

private:
    using Clock = std::chrono::steady_clock;
    using Lock = std::unique_lock<std::mutex>;

    struct Call {
        Clock::time_point started;
        CallOutcome outcome;
        bool over = false;
    };

    void read();
    void dispatch(Message message);
    void send(const std::string& text);
    void stop() noexcept;
    void give_up(const std::string& id) noexcept;
    void until(Lock& lock, Clock::time_point deadline, const std::function<bool()>& reached);
    std::optional<CallOutcome> take_if_over(const std::string& id);

    int socket_ = -1;
    std::mutex send_mutex_;
    std::mutex mutex_;  // guards all below
    std::condition_variable changed_;
    std::uint64_t actions_ = 0;
    std::map<std::string, Call> calls_;
    std::map<std::string, std::optional<Message>> responses_;  // by ActionID, empty: awaited
    std::deque<Message> events_;
    std::string broken_;  // why there is no connection any more
    std::thread reader_;
};

}  // namespace costrix::test
