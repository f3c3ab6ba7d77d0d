// SPDX-License-Identifier: MIT
// A bare dialogue: commands, cancellations, deadlines, hangups and faults, against the simulated
// Asterisk, or against a peer that sends anything.
#include "fuzz/input.hpp"
#include "fuzz/numbered_scenario.hpp"
#include "support/bare_dialogue.hpp"

#include <costrix/testing/fake_asterisk.hpp>

#include <chrono>
#include <list>
#include <string>
#include <string_view>
#include <utility>

namespace agi = costrix::agi;
using agi::detail::Deadline;
using agi::detail::End;
using agi::detail::Stop;
using costrix::fuzz::Input;
using costrix::fuzz::require;
using costrix::test::BareDialogue;
using costrix::test::Command;
using costrix::testing::FakeAsterisk;
using costrix::testing::Scenario;
using State = agi::detail::Dialogue::State;
using namespace std::chrono_literals;

namespace {

/// As little of Asterisk as a conversation needs: the simulated one takes ten times as long.
class SmallAsterisk {
public:
    /// `alone`: nobody else answers the dialogue, so it has one command in flight.
    explicit SmallAsterisk(bool alone) : alone_(alone) {}

    std::string take_output() { return std::exchange(output_, std::string()); }
    void hang_up() {
        if (!std::exchange(hung_up_, true))
            output_ += "HANGUP\n";
    }
    void press(char) { advance_to_next_event(); }

    /// One command at a time, which only a fence interrupts.
    void receive(std::string_view sent) {
        for (; !sent.empty(); sent.remove_prefix(sent.find('\n') + 1)) {
            const auto line = sent.substr(0, sent.find('\n'));
            const bool fence = line.find("costrix-fence-") != std::string_view::npos;
            require(running_.empty() || fence || !alone_, "one command is in flight");
            running_.clear();  // a prompt that a fence interrupts has no reply
            running_ = line;
            if (fence)
                advance_to_next_event();
        }
    }

    /// The command that runs ends.
    void advance_to_next_event() {
        const auto line = std::exchange(running_, std::string());
        if (!line.empty())
            output_ += reply_to(line) + '\n';
    }

private:
    std::string reply_to(std::string_view line) const {
        const auto quoted = line.substr(line.find('"') + 1);
        if (line.starts_with("GET FULL VARIABLE ${"))
            return hung_up_ ? "200 result=1 (1)" : "200 result=1 (0)";
        if (line.starts_with("GET FULL VARIABLE"))
            return "200 result=1 (" + std::string(quoted.substr(0, quoted.find('"'))) + ')';
        if (line.starts_with("EXEC"))
            return "200 result=" + std::to_string(int{line[line.size() - 2]});
        if (hung_up_ && !line.starts_with("SET VARIABLE"))
            return "511 Command Not Permitted on a dead channel or intercept routine";
        return line.starts_with("STREAM FILE") ? "200 result=0 endpos=800" : "200 result=1";
    }

    std::string running_, output_;
    bool alone_;
    bool hung_up_ = false;
};

constexpr std::string_view kEnvironment = "agi_network: yes\nagi_version: 22.10.1\n\n";

const Scenario& scenario(bool sighup) {
    static const Scenario with = costrix::fuzz::numbered_scenario(true);
    static const Scenario without = costrix::fuzz::numbered_scenario(false);
    return sighup ? with : without;
}

template <class Asterisk>
class Talk {
public:
    Talk(Input& input, bool honest, Asterisk asterisk, std::string_view environment)
        : input_(input), asterisk_(std::move(asterisk)), honest_(honest) {
        ours_->receive(environment);
    }

    void run() {
        for (int step = 0; step < 200 && !input_.empty(); ++step) {
            act();
            settle();
        }
        drain();
        ours_->end(End::disconnected);
        settle();
        require(commands_.empty(), "nothing hangs once the dialogue has ended");
    }

private:
    void act() {
        switch (input_.number(15)) {
        default:
            submit();
            break;
        case 6:
            cancel();
            break;
        case 7:
            asterisk_.receive(ours_.take_sent());
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
            if (input_.number(3) == 0) {
                hung_up_ = true;
                asterisk_.hang_up();
            }
            break;
        case 12:
            to_us_ += honest_ ? "" : std::string(input_.text(input_.number(300)));
            break;
        case 13:
            if (!honest_ || input_.number(31) == 0)
                break_something();
            break;
        case 14:
            ours_->pass(now_ += input_.number(50) * 10ms);
            break;
        case 15:
            ours_->allow_after_hangup();
            ours_->check_channel();
            break;
        }
    }

    void break_something() {
        broken_ = true;
        switch (input_.number(2)) {
        case 0:
            ours_->end(End::disconnected);
            break;
        case 1:
            ours_.break_writes();
            break;
        default:
            ours_->sighup();
            break;
        }
    }

    void submit() {
        if (commands_.size() >= 8)
            return;
        auto deadline = Deadline::max();
        if (input_.number(3) == 0)
            deadline = now_ + static_cast<int>(1 + input_.number(20)) * 10ms;
        struct Kind {
            std::string_view begin, end;  // of the line; a digit stands between them
            agi::CommandTraits traits;
        };
        using agi::command_traits;
        static constexpr Kind kKinds[] = {
            {"STREAM FILE \"s", "\" \"\"\n", command_traits("STREAM FILE")},
            {"EXEC \"Number\" \"", "\"\n", command_traits("EXEC")},
            {"SET VARIABLE \"V\" \"", "\"\n", command_traits("SET VARIABLE")},
            {"WAIT FOR DIGIT 10", "\n", command_traits("WAIT FOR DIGIT")},
            {"GET DATA \"s1\" 200 ", "\n", command_traits("GET DATA")},
            {"GET FULL VARIABLE \"id-", "\"\n", command_traits("GET FULL VARIABLE")},
            {"SAY DIGITS \"", "\" \"\"\n", command_traits("SAY DIGITS")},
            {"RECEIVE TEXT 10", "\n", command_traits("RECEIVE TEXT")}};
        const char digit = static_cast<char>('1' + input_.number(7));
        const auto& kind = kKinds[input_.number(7)];
        std::string line;
        line.reserve(48);
        line.append(kind.begin).append(1, digit).append(kind.end);
        auto& command = commands_.emplace_back(++last_id_, std::move(line), kind.traits, deadline);
        ours_->submit(command);
    }

    void cancel() {
        if (commands_.empty())
            return;
        const auto chosen = static_cast<int>(input_.number(7) % commands_.size());
        constexpr Stop kStops[] = {Stop::at_once, Stop::when_stopped, Stop::prompt_only};
        const auto id = std::next(commands_.begin(), chosen)->id;
        cancelled_ |= std::uint64_t{1} << (id % 64);
        ours_->cancel(id, kStops[input_.number(2)], now_);
    }

    void deliver(std::size_t size) {
        to_us_ += asterisk_.take_output();
        const auto part = to_us_.substr(0, size);
        to_us_.erase(0, part.size());
        ours_->receive(part);
    }

    void settle() {
        std::erase_if(commands_, [this](const Command& command) {
            if (command.done)
                check(command);
            return command.done;
        });
        require(ours_.why.empty() || !honest_ || broken_, "an honest Asterisk breaks no protocol");
    }

    /// A command ends with its own reply, or for a reason that there is.
    void check(const Command& command) const {
        if (!honest_)
            return;
        switch (command.end) {
        case End::replied:
            require(in_step(command), "a reply is the reply to its own command");
            break;
        case End::timed_out:
            require(now_ >= command.deadline, "only a deadline makes a time-out");
            break;
        case End::cancelled:
            require(
                (cancelled_ >> (command.id % 64) & 1) != 0, "only what is cancelled is aborted"
            );
            break;
        default:
            require(hung_up_ || broken_ || drained_, "only a hangup is one");
        }
    }

    bool in_step(const Command& command) const {
        const std::string_view line = command.line;
        const auto& reply = command.reply;
        if (reply.code() != 200)
            return hung_up_;
        const auto digit = line.find_first_of("12345678");
        if (line.starts_with("STREAM FILE"))
            return reply.endpos() <= (line[digit] - '0') * 800;
        if (line.starts_with("EXEC"))
            return reply.number() == line[digit] || (hung_up_ && reply.number() == -1);
        if (line.starts_with("GET FULL VARIABLE"))
            return reply.value() == line.substr(digit - 3, 4);
        return true;
    }

    /// Asterisk answers whatever it is owed.
    void drain() {
        for (int i = 0; i < 300 && !(commands_.empty() && to_us_.empty()); ++i) {
            asterisk_.receive(ours_.take_sent());
            asterisk_.advance_to_next_event();
            deliver(to_us_.size() + 100000);
            settle();
            if (const auto next = ours_->next_deadline(); next != Deadline::max())
                ours_->pass(now_ = std::max(now_, next));
            settle();
        }
        require(commands_.empty() || !honest_, "nothing hangs while Asterisk answers");
        drained_ = true;
    }

    Input& input_;
    Asterisk asterisk_;
    bool honest_;
    BareDialogue ours_{{.junk_lines = 5}};
    std::list<Command> commands_;
    std::string to_us_;
    Deadline now_ = Deadline() + 1h;
    std::uint64_t last_id_ = 0;
    std::uint64_t cancelled_ = 0;  // a bit for each of the last ids
    bool hung_up_ = false;
    bool broken_ = false;
    bool drained_ = false;
};

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Input input(data, size);
    const bool honest = input.flag();
    if (input.number(3) != 0) {
        Talk(input, honest, SmallAsterisk(honest), kEnvironment).run();
    } else {
        FakeAsterisk asterisk(scenario(input.flag()));
        const auto environment = asterisk.take_output();
        Talk(input, honest, std::move(asterisk), environment).run();
    }
    return 0;
}
