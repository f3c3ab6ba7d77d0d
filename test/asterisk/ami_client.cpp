// SPDX-License-Identifier: MIT
// The AMI client of the tests: one blocking socket, and one thread that reads it.
#include "ami_client.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <set>
#include <stdexcept>

namespace costrix::test {

namespace {

// Asterisk reads a line of AMI into 1025 bytes and drops a longer one.
constexpr std::size_t longest_line = 1020;

[[noreturn]] void fail(const std::string& what) {
    throw std::runtime_error("AMI: " + what);
}

std::string reason(int error) {
    return std::generic_category().message(error);
}

std::string escape(std::string_view text, std::string_view special) {
    std::string escaped;
    for (const char c : text) {
        if (special.find(c) != std::string_view::npos)
            escaped += '\\';
        escaped += c;
    }
    return escaped;
}

// AMI takes a comma in a Variable header for the end of the variable.
std::string variable(const std::string& name, const std::string& value) {
    return name + '=' + escape(value, "\\\",");
}

// AGI() takes its arguments apart at commas outside quotes and brackets.
std::string arguments(const std::vector<std::string>& args) {
    std::string joined;
    for (const auto& arg : args)
        joined += ',' + escape(arg, "\\\",()[]");
    return joined;
}

std::string seconds(std::chrono::milliseconds time) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.3f", static_cast<double>(time.count()) / 1000);
    return text.data();
}

std::string line(const std::string& name, const std::string& value) {
    std::string whole = name + ": " + value + "\r\n";
    if (whole.find_first_of("\r\n") != whole.size() - 2)
        fail("a line break in " + name + ": " + value);
    if (whole.size() > longest_line)
        fail("a line longer than Asterisk reads in " + name);
    return whole;
}

const char* context(Mode mode) {
    switch (mode) {
    case Mode::agi:
    case Mode::classic:
        return "costrix-agi";
    case Mode::eagi:
        return "costrix-eagi";
    case Mode::dead:
        return "costrix-dead";
    }
    return "";
}

std::map<std::string, std::string> variables(const CallPlan& plan) {
    const bool program = plan.mode == Mode::classic || plan.mode == Mode::eagi;
    auto all = plan.variables;
    const auto set = [&all](const char* name, const std::string& value) {
        if (!value.empty())
            all[name] = value;
    };
    set("COSTRIX_PATH", plan.path);
    set("COSTRIX_URL", plan.url.empty() && program ? plan.path : plan.url);
    set("AGI_PORT", plan.port != 0 ? std::to_string(plan.port) : "");
    set("COSTRIX_ARGS", arguments(plan.args));
    set("COSTRIX_ANSWERED", plan.answered ? "1" : "");
    set("COSTRIX_AUDIO", plan.audio);
    set("COSTRIX_REPORT", plan.report);
    set("COSTRIX_TEXT", plan.text);
    set("COSTRIX_DIGITS", plan.digits);
    set("COSTRIX_AFTER", seconds(plan.after));
    set("COSTRIX_GAP", std::to_string(plan.gap.count()));
    set("COSTRIX_HANGUP_AFTER", plan.hangup_after ? seconds(*plan.hangup_after) : "");
    return all;
}

Message parse(std::string_view text) {
    Message message;
    while (!text.empty()) {
        const auto end = text.find("\r\n");
        const auto row = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 2);
        // The greeting before the first message has no colon.
        const auto colon = row.find(':');
        if (colon == std::string_view::npos)
            continue;
        const auto value = row.substr(colon + (row.substr(colon + 1, 1) == " " ? 2 : 1));
        message.headers.emplace_back(row.substr(0, colon), value);
    }
    return message;
}

}  // namespace

std::string Message::operator[](std::string_view name) const {
    const auto found = std::find_if(headers.begin(), headers.end(), [name](const auto& header) {
        return header.first == name;
    });
    return found == headers.end() ? std::string{} : found->second;
}

AmiClient::AmiClient(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (socket_ < 0)
        fail("no socket: " + reason(errno));
    if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        const auto why = reason(errno);
        ::close(socket_);
        fail("no connection to 127.0.0.1:" + std::to_string(port) + ": " + why);
    }
    try {
        reader_ = std::thread([this] { read(); });
        action("Login", {{"Username", "costrix"}, {"Secret", "costrix"}, {"Events", "user"}});
    } catch (...) {
        stop();
        throw;
    }
}

AmiClient::~AmiClient() {
    stop();
}

void AmiClient::stop() noexcept {
    ::shutdown(socket_, SHUT_RDWR);
    if (reader_.joinable())
        reader_.join();
    ::close(socket_);
}

// --- calls ---

std::string AmiClient::start(const CallPlan& plan) {
    // Several clients share an Asterisk, also over time.
    static const auto epoch = std::chrono::system_clock::now().time_since_epoch().count();
    static std::atomic<std::uint64_t> calls{0};
    // Asterisk takes an id that begins like another one for the same: -6 and -60, but not -6- and
    // -60-.
    const auto id = "costrix-" + std::to_string(::getpid()) + "-" + std::to_string(epoch) + "-" +
                    std::to_string(++calls) + "-";

    std::vector<std::pair<std::string, std::string>> headers{
        {"Channel", std::string("Local/run@") + context(plan.mode) + "/n"},
        {"ChannelId", id},
        {"OtherChannelId", id + "script"},
        {"Context", "costrix-party"},
        {"Exten", "run"},
        {"Priority", "1"},
        {"Timeout", std::to_string(plan.ring_timeout.count())},
        {"Async", "true"},
        {"Variable", variable("COSTRIX_ID", id)},
    };
    if (!plan.caller.empty())
        headers.emplace_back("CallerID", plan.caller);
    for (const auto& [name, value] : variables(plan))
        headers.emplace_back("Variable", variable(name, value));

    {
        const Lock lock(mutex_);
        calls_[id] = {Clock::now(), {id, {}, {}, {}, {}}, false};
    }
    try {
        action("Originate", headers);
    } catch (...) {
        const Lock lock(mutex_);
        calls_.erase(id);
        throw;
    }
    return id;
}

// Wants the lock held.
std::optional<CallOutcome> AmiClient::take_if_over(const std::string& id) {
    const auto call = calls_.find(id);
    if (call == calls_.end())
        fail("no call " + id + " is waited for");
    if (!call->second.over)
        return std::nullopt;
    auto outcome = std::move(call->second.outcome);
    calls_.erase(call);
    return outcome;
}

CallOutcome AmiClient::wait(const std::string& id, Milliseconds timeout) {
    std::optional<CallOutcome> outcome;
    Lock lock(mutex_);
    until(lock, Clock::now() + timeout, [&] { return (outcome = take_if_over(id)).has_value(); });
    if (outcome)
        return *std::move(outcome);
    lock.unlock();
    give_up(id);
    fail("call " + id + " is not over after " + std::to_string(timeout.count()) + " ms");
}

CallOutcome AmiClient::place(const CallPlan& plan, Milliseconds timeout) {
    return wait(start(plan), timeout);
}

std::vector<CallOutcome> AmiClient::place(
    const CallPlan& plan,
    std::size_t count,
    std::size_t concurrency,
    Milliseconds timeout
) {
    const auto deadline = Clock::now() + timeout;
    std::vector<CallOutcome> outcomes;
    std::set<std::string> running;
    const auto collect = [&] {
        const auto before = outcomes.size();
        for (auto id = running.begin(); id != running.end();) {
            auto outcome = take_if_over(*id);
            id = outcome ? running.erase(id) : std::next(id);
            if (outcome)
                outcomes.push_back(*std::move(outcome));
        }
        return outcomes.size() > before;
    };

    while (outcomes.size() < count) {
        while (running.size() < concurrency && outcomes.size() + running.size() < count)
            running.insert(start(plan));
        Lock lock(mutex_);
        until(lock, deadline, collect);
        if (Clock::now() < deadline || outcomes.size() == count)
            continue;
        lock.unlock();
        std::for_each(running.begin(), running.end(), [this](auto& id) { give_up(id); });
        fail(
            std::to_string(outcomes.size()) + " of " + std::to_string(count) +
            " calls are over after " + std::to_string(timeout.count()) + " ms"
        );
    }
    return outcomes;
}

void AmiClient::give_up(const std::string& id) noexcept {
    try {
        {
            const Lock lock(mutex_);
            calls_.erase(id);
        }
        hang_up(id);
    } catch (const std::exception&) {
        // It is gone already, or Asterisk is; the caller throws in any case.
    }
}

void AmiClient::hang_up(const std::string& id) {
    action("Hangup", {{"Channel", id}});
}

void AmiClient::press(const std::string& id, char digit) {
    action("PlayDTMF", {{"Channel", id}, {"Digit", std::string(1, digit)}});
}

// --- everything else ---

std::string AmiClient::command(const std::string& text) {
    const auto response = action("Command", {{"Command", text}});
    std::string output;
    for (const auto& [name, value] : response.headers)
        if (name == "Output")
            output += value + '\n';
    return output;
}

void AmiClient::set_global(const std::string& name, const std::string& value) {
    action("Setvar", {{"Variable", name}, {"Value", value}});
}

Message AmiClient::event(const std::string& name, Milliseconds timeout) {
    Lock lock(mutex_);
    auto found = events_.end();
    until(lock, Clock::now() + timeout, [&] {
        found = std::find_if(events_.begin(), events_.end(), [&](const Message& event) {
            return event["UserEvent"] == name;
        });
        return found != events_.end();
    });
    if (found == events_.end())
        fail("no user event " + name + " after " + std::to_string(timeout.count()) + " ms");
    auto event = std::move(*found);
    events_.erase(found);
    return event;
}

Message AmiClient::action(
    const std::string& name,
    const std::vector<std::pair<std::string, std::string>>& headers,
    Milliseconds timeout
) {
    Lock lock(mutex_);
    const auto id = std::to_string(++actions_);
    const auto awaited = responses_.emplace(id, std::nullopt).first;
    lock.unlock();

    try {
        auto text = line("Action", name) + line("ActionID", id);
        for (const auto& [key, value] : headers)
            text += line(key, value);
        send(text + "\r\n");
        lock.lock();
        until(lock, Clock::now() + timeout, [&] { return awaited->second.has_value(); });
    } catch (...) {
        if (!lock)
            lock.lock();
        responses_.erase(awaited);
        throw;
    }
    auto response = std::move(awaited->second);
    responses_.erase(awaited);
    if (!response)
        fail("no response to " + name + " after " + std::to_string(timeout.count()) + " ms");
    if ((*response)["Response"] == "Error" && (*response)["Output"].empty())
        fail(name + ": " + (*response)["Message"]);
    return *std::move(response);
}

// Waits until the condition holds, returns all the same at the deadline.
void AmiClient::until(
    Lock& lock,
    Clock::time_point deadline,
    const std::function<bool()>& reached
) {
    bool done = false;
    changed_.wait_until(lock, deadline, [&] { return (done = reached()) || !broken_.empty(); });
    if (!done && !broken_.empty())
        fail(broken_);
}

void AmiClient::send(const std::string& text) {
    const std::lock_guard lock(send_mutex_);
    for (std::string_view rest = text; !rest.empty();) {
        const auto sent = ::send(socket_, rest.data(), rest.size(), MSG_NOSIGNAL);
        if (sent < 0 && errno != EINTR)
            fail("cannot send: " + reason(errno));
        rest.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(sent, 0)));
    }
}

void AmiClient::read() {
    std::string buffer;
    std::array<char, 65536> chunk;
    for (;;) {
        const auto size = ::recv(socket_, chunk.data(), chunk.size(), 0);
        if (size < 0 && errno == EINTR)
            continue;
        if (size <= 0) {
            const Lock lock(mutex_);
            broken_ = size == 0 ? "Asterisk has closed the connection" : reason(errno);
            changed_.notify_all();
            return;
        }
        buffer.append(chunk.data(), static_cast<std::size_t>(size));
        std::size_t from = 0;
        for (std::size_t end; (end = buffer.find("\r\n\r\n", from)) != std::string::npos;) {
            dispatch(parse(std::string_view(buffer).substr(from, end - from)));
            from = end + 4;
        }
        buffer.erase(0, from);
    }
}

void AmiClient::dispatch(Message message) {
    const Lock lock(mutex_);
    if (!message["Response"].empty()) {
        const auto awaited = responses_.find(message["ActionID"]);
        if (awaited != responses_.end())
            awaited->second = std::move(message);
    } else if (const auto name = message["UserEvent"]; !name.empty()) {
        const auto call = calls_.find(message["CostrixId"]);
        if (name == "CostrixDone" && call != calls_.end()) {
            call->second.over = true;
            call->second.outcome.agistatus = message["AgiStatus"];
            call->second.outcome.report = message["Report"];
            call->second.outcome.took =
                std::chrono::duration_cast<Milliseconds>(Clock::now() - call->second.started);
        } else if (name != "CostrixDone") {
            if (call != calls_.end())
                call->second.outcome.events.push_back(message);
            events_.push_back(std::move(message));
        }
    }
    changed_.notify_all();
}

}  // namespace costrix::test
