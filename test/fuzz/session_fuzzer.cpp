// SPDX-License-Identifier: MIT
// A whole session at random chunkings: commands, cancellations, deadlines, hangups and faults,
// against the simulated Asterisk, or against a peer that sends anything.
#include "fuzz/input.hpp"
#include "fuzz/numbered_scenario.hpp"
#include "session/session.hpp"
#include "session/timer_wheel.hpp"
#include "support/scripted_transport.hpp"

#include <costrix/agi.hpp>
#include <costrix/asio.hpp>
#include <costrix/testing/fake_asterisk.hpp>

#include <array>
#include <exception>
#include <list>
#include <memory>
#include <string>

namespace agi = costrix::agi;
using costrix::fuzz::Input;
using costrix::fuzz::require;
using costrix::testing::FakeAsterisk;
using namespace std::chrono_literals;

namespace {

/// A command that was started, and what it may end with.
struct Task {
    asio::cancellation_signal cancel;
    std::exception_ptr error;
    bool done = false;
    bool cancelled = false;
    bool has_deadline = false;
    bool waits_for_hangup = false;
};

class Conversation final : private agi::detail::SessionOwner {
public:
    explicit Conversation(Input& input)
        : input_(input), asterisk_(costrix::fuzz::numbered_scenario(input.flag())) {
        wheel().set_time(Clock::time_point(1h));
        begin();
        honest_ = input.flag();
        chunk_ = 1 + input.number(255);
    }

    void run() {
        for (int step = 0; step < 200 && !input_.empty(); ++step) {
            act();
            settle();
        }
        drain();
        ended_ = true;
        parts_->session.close();
        settle();
        require(tasks_.empty(), "nothing hangs once the session is closed");
    }

private:
    using Clock = agi::detail::TimerWheel::Clock;

    static inline const agi::detail::SessionLimits kLimits{
        .junk_lines = 5,
        .after_hangup_time = 1s,
        .channel_check_interval = 300ms};

    struct Parts {
        Parts(asio::io_context& context, agi::detail::SessionOwner& owner)
            : transport(context), session(transport, owner, kLimits), call(session) {}

        costrix::test::ScriptedTransport transport;
        agi::detail::Session session;
        agi::AGI call;
    };

    std::shared_ptr<void> keep_alive() noexcept override { return parts_; }
    void on_environment() override {
        require(!environment_told_, "the environment is reported once");
        environment_told_ = true;
    }
    void on_line(bool, std::string_view) override {}
    void on_fault(agi::detail::Fault fault, std::string_view) override {
        // Replies to what was given up when writing failed are owed to nobody.
        require(
            fault == agi::detail::Fault::late_after_hangup || !honest_ || broken_,
            "an honest Asterisk breaks no protocol"
        );
    }
    void on_overtime() override {
        require(parts_->session.hung_up(), "only the time after the hangup is limited");
        ended_ = true;
    }
    void on_stray_exception(std::exception_ptr) noexcept override {
        require(false, "nothing but what the coroutines catch is thrown");
    }

    void begin() {
        auto& owner = static_cast<agi::detail::SessionOwner&>(*this);
        parts_ = std::make_shared<Parts>(context_, owner);
        parts_->session.start();
        parts_->transport.receive(asterisk_.take_output());
        settle();
    }

    agi::AGI& call() { return parts_->call; }
    agi::detail::TimerWheel& wheel() {
        return asio::use_service<agi::detail::TimerWheel>(context_);
    }

    // --- what happens ----------------------------------------------------------------------------

    void act() {
        switch (input_.number(15)) {
        default:
            start();
            break;
        case 6:
            cancel_one();
            break;
        case 7:
            transfer();
            break;
        case 8:
            deliver(1 + input_.number(40));
            break;
        case 9:
            asterisk_.advance_to_next_event();
            break;
        case 10:
            asterisk_.press("123*"[input_.number(3)]);
            break;
        case 11:
            if (input_.number(3) == 0)
                hang_up();
            break;
        case 12:
            to_session_ += honest_ ? "" : std::string(input_.text(input_.number(300)));
            break;
        case 13:
            break_something();
            break;
        case 14:
            pass(input_.number(50) * 10ms);
            break;
        case 15:
            call().allow_after_hangup();
            break;
        }
    }

    void hang_up() {
        hung_up_ = true;
        asterisk_.hang_up();
    }

    void break_something() {
        if (honest_ && input_.number(7) != 0)
            return;
        switch (input_.number(3)) {
        case 0:
            ended_ = true;
            parts_->transport.end();
            break;
        case 1:
            ended_ = true;
            parts_->transport.end(asio::error::connection_reset);
            break;
        case 2:
            broken_ = true;
            parts_->transport.break_writes(asio::error::broken_pipe);
            break;
        default:
            parts_->transport.limit_writes(input_.number(40));
            break;
        }
    }

    /// For the session; Asterisk's clock is another one.
    void pass(Clock::duration time) {
        wheel().set_time(wheel().now() + time);
        wheel().turn_by_hand();
    }

    /// What the session has written reaches Asterisk, in one packet or as it was written.
    void transfer() { asterisk_.receive(parts_->transport.take_sent()); }

    void deliver(std::size_t size) {
        to_session_ += asterisk_.take_output();
        const auto part = to_session_.substr(0, size);
        to_session_.erase(0, part.size());
        if (!ended_)
            parts_->transport.receive(part, chunk_);
    }

    void settle() {
        context_.restart();
        context_.poll();
        std::erase_if(tasks_, [this](const auto& task) {
            if (task->done)
                check(*task);
            return task->done;
        });
    }

    /// Everything that was written arrives, and Asterisk answers whatever it is owed.
    void drain() {
        for (int i = 0; i < 300 && !(tasks_.empty() && to_session_.empty()); ++i) {
            parts_->transport.limit_writes(1'000'000);
            transfer();
            asterisk_.advance_to_next_event();
            deliver(to_session_.size() + 100000);
            settle();
            if (const auto next = wheel().next())
                pass(*next - wheel().now());
            settle();
        }
        for (const auto& task : tasks_)
            require(
                (!honest_ && !ended_) || task->waits_for_hangup,
                "nothing hangs while Asterisk answers, or when it is gone"
            );
    }

    // --- commands --------------------------------------------------------------------------------

    void start() {
        if (tasks_.size() >= 8)
            return;
        auto& task = *tasks_.emplace_back(std::make_shared<Task>());
        auto limit = agi::AGI::Deadline::max();
        if (input_.number(3) == 0) {
            task.has_deadline = true;
            limit = wheel().now() + (1 + input_.number(20)) * 10ms;
        }
        auto finished = [kept = tasks_.back()](std::exception_ptr error) {
            kept->done = true;
            kept->error = std::move(error);
        };
        const auto slot = task.cancel.slot();
        const auto kind = input_.number(11);
        task.waits_for_hangup = kind == kWaitForHangup;
        auto work = command(kind, static_cast<int>(1 + input_.number(7)), limit);
        asio::co_spawn(
            context_, std::move(work), asio::bind_cancellation_slot(slot, std::move(finished))
        );
    }

    static constexpr std::size_t kWaitForHangup = 9;

    asio::awaitable<void> command(std::size_t kind, int id, agi::AGI::Deadline limit) {
        co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
        const auto text = std::to_string(id);
        switch (kind) {
        case 0: {
            const auto played = co_await call().execute(agi::StreamFile("s" + text), limit);
            in_step(played.endpos == agi::Samples(id * 800));
            break;
        }
        case 1: {
            const auto result = co_await call().execute(agi::Exec("Number", text), limit);
            // -1 when the caller hangs up meanwhile, to a handler that cleans up
            in_step(result.value == text.front() || (hung_up_ && result.value == -1));
            break;
        }
        case 2: {
            const auto set = agi::SetVariable("V" + text, text);
            co_await call().execute(set, limit);
            break;
        }
        case 3:
            co_await call().execute(agi::WaitForDigit(100ms), limit);
            break;
        case 4: {
            const auto data = agi::GetData("s" + text).timeout(200ms).max_digits(id);
            co_await call().execute(data, limit);
            break;
        }
        case 5: {
            const auto reply = co_await call().send("GET FULL VARIABLE \"id-" + text + "\"");
            in_step(reply.code() != 200 || reply.value() == "id-" + text);
            break;
        }
        case 6:
            co_await call().execute(agi::SayDigits(text), limit);
            break;
        case 7:
            co_await call().execute(agi::ReceiveText(100ms), limit);
            break;
        case 8:
            co_await call().sleep_for(id * 30ms);
            break;
        case kWaitForHangup:
            co_await call().wait_for_hangup();
            in_step(hung_up_ || ended_ || broken_);
            break;
        default: {
            const auto value = co_await call().execute(agi::GetFullVariable(text), limit);
            in_step(value == text);
            break;
        }
        }
    }

    void in_step(bool right) const {
        require(right || !honest_, "a reply is the reply to its own command");
    }

    void cancel_one() {
        if (tasks_.empty())
            return;
        auto& task =
            **std::next(tasks_.begin(), static_cast<int>(input_.number(7) % tasks_.size()));
        constexpr std::array types{
            asio::cancellation_type::terminal,
            asio::cancellation_type::partial,
            asio::cancellation_type::total};
        task.cancelled = true;
        task.cancel.emit(types[input_.number(2)]);
    }

    /// A command ends with its result, or with an exception that there is a reason for.
    void check(const Task& task) const {
        try {
            if (task.error)
                std::rethrow_exception(task.error);
        } catch (const agi::AGITimeout&) {
            require(task.has_deadline || ended_, "only a deadline makes a time-out");
        } catch (const agi::AGIHangup&) {
            require(hung_up_ || ended_ || broken_ || !honest_, "only a hangup is one");
        } catch (const agi::AGIDeadChannelError&) {
            require(hung_up_ || !honest_, "only a dead channel is dead");
        } catch (const costrix::system_error& error) {
            require(error.code() == asio::error::operation_aborted, "an end that is Asio's");
            require(task.cancelled, "only a cancelled command is aborted");
        } catch (const agi::AGIException&) {
            require(!honest_, "an honest Asterisk does what it is told");
        }
    }

    Input& input_;
    asio::io_context context_{1};
    FakeAsterisk asterisk_;
    std::shared_ptr<Parts> parts_;
    std::list<std::shared_ptr<Task>> tasks_;
    std::string to_session_;
    std::size_t chunk_ = 1;
    bool honest_ = true;
    bool environment_told_ = false;
    bool hung_up_ = false;
    bool ended_ = false;   // the session reads no more
    bool broken_ = false;  // ... and writes no more
};

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Input input(data, size);
    Conversation(input).run();
    return 0;
}
