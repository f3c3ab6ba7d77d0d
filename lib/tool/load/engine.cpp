// SPDX-License-Identifier: MIT
// Many simulated calls on one thread: an epoll set, a heap of timers, a FakeAsterisk for each call.
#include "tool/load/engine.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <system_error>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

namespace costrix::tool {

using std::chrono::nanoseconds;

namespace {

constexpr auto kTick = std::chrono::milliseconds(100);
// So that a burst of new calls does not keep the running ones waiting.
constexpr int kMostBeginsAtOnce = 64;
constexpr std::uint32_t kSignals = UINT32_MAX;  // a place that no call has

/// As many descriptors as the system lets us have.
void raise_descriptor_limit() {
    rlimit limit{};
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

std::string error_kind(const char* what, int error) {
    return std::string(what) + ": " + std::generic_category().message(error);
}

std::size_t count_lines(std::string_view bytes) {
    return static_cast<std::size_t>(std::count(bytes.begin(), bytes.end(), '\n'));
}

}  // namespace

LoadEngine::LoadEngine(
    const LoadOptions& options,
    const std::function<void(const LoadProgress&)>& progress
)
    : options_(options), progress_(progress), addresses_(resolve(options.url)),
      callers_(options), signals_{SIGINT, SIGTERM}, epoll_(epoll_create1(EPOLL_CLOEXEC)),
      recorder_(started_) {
    if (options.rate > 0)
        schedule_.emplace(options.rate, options.ramp);
    raise_descriptor_limit();
    epoll_event event{.events = EPOLLIN, .data = {.u64 = kSignals}};
    epoll_ctl(epoll_, EPOLL_CTL_ADD, signals_.descriptor(), &event);
}

LoadEngine::~LoadEngine() {
    for (auto& call : calls_) {
        if (call.socket >= 0)
            ::close(call.socket);
    }
    ::close(epoll_);
}

LoadResult LoadEngine::run() {
    while (!done()) {
        now_ = Clock::now();
        recorder_.advance(now_, at_once_);
        begin_calls();
        run_timers();
        if (now_ >= next_tick_)
            tick();
        poll();
    }
    now_ = Clock::now();
    recorder_.advance(now_, at_once_);
    return recorder_.finish(now_);
}

// ---------------------------------------------------------------- when calls begin

bool LoadEngine::done() const {
    return aborted_ || (at_once_ == 0 && !may_begin());
}

bool LoadEngine::may_begin() const {
    const auto begun = recorder_.result().begun;
    return !stopping_ && (!options_.calls || begun < *options_.calls) &&
           (!options_.duration || now_ - started_ < *options_.duration);
}

/// When the next call is due: by the schedule, or when there is a place for it.
LoadEngine::Time LoadEngine::next_due() const {
    return schedule_ ? started_ + schedule_->due(recorder_.result().begun) : last_ended_;
}

void LoadEngine::begin_calls() {
    auto places = options_.concurrency;
    if (!schedule_)
        places = ramped_concurrency(places, options_.ramp, now_ - started_);
    full_ = behind_ = false;
    for (int i = 0; may_begin() && next_due() <= now_; ++i) {
        full_ = at_once_ >= places;
        behind_ = !full_ && i == kMostBeginsAtOnce;
        if (full_)
            last_full_ = now_;
        if (full_ || behind_)
            return;
        begin(next_due());
    }
}

void LoadEngine::begin(Time due) {
    if (free_.empty()) {
        free_.push_back(static_cast<std::uint32_t>(calls_.size()));
        calls_.emplace_back();
    }
    const auto place = free_.back();
    free_.pop_back();
    auto& call = calls_[place];
    call.due = due;
    call.begun = call.turn = call.heard = now_;
    call.mid_line = false;
    call.commands = 0;
    ++at_once_;
    recorder_.begun(now_, due, last_full_ >= due, at_once_);
    open(place);
}

void LoadEngine::open(std::uint32_t place) {
    auto& call = calls_[place];
    call.address = address_;
    const auto& address = addresses_[address_];
    const int family = address.storage.ss_family;
    call.socket = ::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (call.socket < 0) {
        fail(place, error_kind("socket", errno));
        return;
    }
    const int on = 1;
    setsockopt(call.socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const auto* to = reinterpret_cast<const sockaddr*>(&address.storage);
    call.connecting = ::connect(call.socket, to, address.size) != 0;
    if (call.connecting && errno != EINPROGRESS) {
        connect_failed(place, errno);
        return;
    }
    epoll_event event{.events = call.connecting ? EPOLLOUT : EPOLLIN, .data = {.u64 = tag(place)}};
    epoll_ctl(epoll_, EPOLL_CTL_ADD, call.socket, &event);
    if (!call.connecting)
        speak_first(place);
}

void LoadEngine::finish_connect(std::uint32_t place) {
    auto& call = calls_[place];
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(call.socket, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) {
        connect_failed(place, error);
        return;
    }
    call.connecting = false;
    epoll_event event{.events = EPOLLIN, .data = {.u64 = tag(place)}};
    epoll_ctl(epoll_, EPOLL_CTL_MOD, call.socket, &event);
    speak_first(place);
}

// A name may have addresses on which nobody listens: the first that answers is kept to.
void LoadEngine::connect_failed(std::uint32_t place, int error) {
    auto& call = calls_[place];
    if (connected_ || call.address + 1 == addresses_.size()) {
        fail(place, error_kind("connect", error));
        return;
    }
    ::close(std::exchange(call.socket, -1));
    address_ = std::max(address_, call.address + 1);
    open(place);
}

/// Asterisk does.
void LoadEngine::speak_first(std::uint32_t place) {
    auto& call = calls_[place];
    connected_ = true;
    call.begun = call.heard = now_;
    call.asterisk.emplace(callers_.next());
    settle(place, std::nullopt);
}

// ---------------------------------------------------------------- what happens on them

void LoadEngine::poll() {
    auto until = next_tick_;
    if (!timers_.empty())
        until = std::min(until, timers_.top().at);
    if (behind_)
        until = now_;
    else if (schedule_ && !full_ && may_begin())
        until = std::min(until, next_due());
    const auto patience = std::max(nanoseconds(until - Clock::now()), nanoseconds{});
    const timespec time{
        .tv_sec = patience.count() / 1'000'000'000, .tv_nsec = patience.count() % 1'000'000'000};
    std::array<epoll_event, 256> events;
    const int ready =
        epoll_pwait2(epoll_, events.data(), static_cast<int>(events.size()), &time, nullptr);
    now_ = Clock::now();
    for (int i = 0; i < ready; ++i)
        handle(events[static_cast<std::size_t>(i)]);
}

void LoadEngine::handle(const epoll_event& event) {
    const auto place = static_cast<std::uint32_t>(event.data.u64);
    if (place == kSignals) {
        take_signals();
        return;
    }
    auto& call = calls_[place];
    if (call.socket < 0 || call.generation != event.data.u64 >> 32)
        return;
    if (call.connecting)
        finish_connect(place);
    else
        read(place);
}

void LoadEngine::read(std::uint32_t place) {
    auto& call = calls_[place];
    const auto size = ::recv(call.socket, buffer_.data(), buffer_.size(), 0);
    if (size < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (size < 0) {
        fail(place, error_kind("read", errno));
        return;
    }
    if (size == 0) {
        end(place);
        return;
    }
    const std::string_view bytes(buffer_.data(), static_cast<std::size_t>(size));
    auto& asterisk = *call.asterisk;
    const auto lines = count_lines(bytes);
    if (lines > 0) {
        // What comes while a command runs is no answer to anything.
        if (call.commands == 0)
            recorder_.first_command(now_ - call.due);
        else if (!asterisk.busy())
            recorder_.turnaround(now_ - call.turn);
        call.commands += static_cast<std::uint32_t>(lines);
        recorder_.commands(lines);
    }
    call.mid_line = bytes.back() != '\n';
    call.heard = now_;
    const auto passed = now_ - call.begun - asterisk.now();
    if (passed > nanoseconds{})
        asterisk.advance(passed);
    asterisk.receive(bytes);
    settle(place, std::nullopt);
}

void LoadEngine::run_timers() {
    while (!timers_.empty() && timers_.top().at <= now_) {
        const auto timer = timers_.top();
        timers_.pop();
        auto& call = calls_[timer.place];
        if (call.socket < 0 || call.generation != timer.generation || call.timer != timer.at)
            continue;
        call.timer = Time::max();
        const auto turn = call.asterisk->busy() ? timer.at : call.turn;
        call.asterisk->advance(timer.at - call.begun - call.asterisk->now());
        settle(timer.place, turn);
    }
}

/// Sends what Asterisk has to say, and sets the timer for what it does next by itself.
///
/// `turn` is since when it is the script's turn then: a reply that fell due by itself counts from
/// when it was due, however late this thread is; nullopt is now.
void LoadEngine::settle(std::uint32_t place, std::optional<Time> turn) {
    auto& call = calls_[place];
    auto& asterisk = *call.asterisk;
    auto next = asterisk.next_event();
    for (; next && *next == nanoseconds{}; next = asterisk.next_event())
        asterisk.advance_to_next_event();
    const auto output = asterisk.take_output();
    if (!output.empty()) {
        recorder_.reply(output);
        // Before it is sent: the script may have answered by the time that send() returns.
        call.turn = turn ? *turn : Clock::now();
        call.heard = now_;
        if (!send(call, output)) {
            fail(place, error_kind("write", errno));
            return;
        }
    }
    if (asterisk.closed()) {
        end(place);
        return;
    }
    const auto at = next ? call.begun + asterisk.now() + *next : Time::max();
    if (at != call.timer) {
        call.timer = at;
        if (next)
            timers_.push({at, place, call.generation});
    }
}

// The environment may go out line by line, as Asterisk sends it.
bool LoadEngine::send(Call& call, std::string_view bytes) const {
    const bool cut = options_.line_by_line && call.commands == 0;
    while (!bytes.empty()) {
        const auto piece = cut ? bytes.substr(0, bytes.find('\n') + 1) : bytes;
        const auto sent = ::send(call.socket, piece.data(), piece.size(), MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        // A full socket is a script that does not read: Asterisk gives up on it as well.
        if (sent < 0)
            return false;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

/// The script closed the connection, or Asterisk did.
void LoadEngine::end(std::uint32_t place) {
    auto& call = calls_[place];
    auto& asterisk = *call.asterisk;
    const bool by_asterisk = asterisk.closed();
    if (!by_asterisk)
        asterisk.script_closed();
    while (!asterisk.closed() && asterisk.advance_to_next_event()) {
    }
    const auto status = asterisk.agistatus();
    if (status.empty()) {  // AGI() never came to its end
        fail(place, "a command that Asterisk would have died of");
    } else if (call.commands == 0 && !by_asterisk && !asterisk.hung_up()) {
        fail(place, "closed before a command");
    } else if (call.mid_line) {
        fail(place, "closed within a command");
    } else {
        recorder_.status(status);
        recorder_.call(now_ - call.due);
        release(place);
    }
}

void LoadEngine::fail(std::uint32_t place, const std::string& kind) {
    recorder_.error(kind);
    release(place);
}

void LoadEngine::release(std::uint32_t place) {
    auto& call = calls_[place];
    if (call.socket >= 0)
        ::close(std::exchange(call.socket, -1));
    call.asterisk.reset();
    call.timer = Time::max();
    ++call.generation;
    free_.push_back(place);
    --at_once_;
    last_ended_ = now_;
    recorder_.ended();
}

// ---------------------------------------------------------------- every now and then

void LoadEngine::tick() {
    next_tick_ = now_ + kTick;
    drop_silent_calls();
    if (progress_)
        progress_({now_ - started_, recorder_.result(), at_once_});
}

void LoadEngine::drop_silent_calls() {
    for (std::uint32_t place = 0; place < calls_.size(); ++place) {
        auto& call = calls_[place];
        if (call.socket < 0 || now_ - call.heard < options_.timeout)
            continue;
        if (call.connecting)
            fail(place, "connect: no answer");
        else if (!call.asterisk->busy())
            fail(place, call.asterisk->hung_up() ? "not ended after the hangup" : "no command");
    }
}

// The first one lets the running calls end.
void LoadEngine::take_signals() {
    while (signals_.take() != 0) {
        aborted_ = stopping_;
        stopping_ = true;
        recorder_.interrupted();
    }
}

LoadResult
run_load(const LoadOptions& options, const std::function<void(const LoadProgress&)>& progress) {
    return LoadEngine(options, progress).run();
}

}  // namespace costrix::tool
