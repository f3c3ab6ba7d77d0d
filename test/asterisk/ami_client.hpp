// SPDX-License-Identifier: MIT
// Places calls through the manager interface (AMI) of the Asterisk that `up` starts.
#pragma once

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

/// Which of the dialplan's contexts runs the script.
enum class Mode {
    agi,      ///< FastAGI, on a ringing channel
    classic,  ///< a program in agi-bin
    eagi,     ///< a program in agi-bin, with audio on file descriptor 3
    dead,     ///< FastAGI from the h extension, the channel is hung up already
};

/// One test call: what the dialplan runs and what the caller does.
struct CallPlan {
    std::string path;        ///< script's path without leading slash, or program in agi-bin
    std::string url;         ///< instead of agi://127.0.0.1:port/path, in any mode
    std::uint16_t port = 0;  ///< FastAGI server's port; 0: the dialplan's AGI_PORT
    Mode mode = Mode::agi;
    std::vector<std::string> args;  ///< literal agi_arg_1, agi_arg_2...
    bool answered = false;          ///< answer before the script starts
    std::string caller;             ///< caller ID, as in: Alice <555>
    std::string audio;              ///< on the caller's line: tone, speech, pause or nothing
    std::string text;               ///< text message the caller sends before the digits
    std::string digits;             ///< what the caller presses; w is a pause of half a second
    std::chrono::milliseconds after{1000};                  ///< from answer to text and digits
    std::chrono::milliseconds gap{250};                     ///< between two digits
    std::optional<std::chrono::milliseconds> hangup_after;  ///< from answer to the caller's hangup
    std::chrono::milliseconds ring_timeout{30000};          ///< hangup where nobody answers
    std::map<std::string, std::string> variables;           ///< AGISIGHUP, AGIEXITONHANGUP, any
    std::string report;  ///< an expression to be told of at the end, as in: ${DEPARTMENT}
};

/// A message from AMI: a response or an event.
struct Message {
    std::vector<std::pair<std::string, std::string>> headers;

    /// First header of that name, empty where there is none.
    [[nodiscard]] std::string operator[](std::string_view name) const;
};

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

    /// Waits until a started call is over, once per call; past the timeout hangs up and throws.
    CallOutcome wait(const std::string& id, Milliseconds timeout = Milliseconds{60000});

    /// The caller of a started call hangs up now.
    void hang_up(const std::string& id);

    /// The caller of a started call presses a digit now.
    void press(const std::string& id, char digit);

    /// Runs a command of Asterisk's console and returns its output, its complaints included.
    std::string command(const std::string& text);

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
