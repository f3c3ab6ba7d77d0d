// SPDX-License-Identifier: MIT
// The dialogue on its own: every state meets everything that can happen, twice.
#include "support/bare_dialogue.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <list>
#include <string>
#include <string_view>
#include <vector>

namespace costrix::agi::detail {
namespace {

using State = Dialogue::State;
using test::BareDialogue;
using test::Command;
using namespace std::chrono_literals;

constexpr std::string_view kEnvironment = "agi_network: yes\nagi_version: 22.10.1\n\n";
constexpr std::string_view kDeadEnvironment =
    "agi_network: yes\nagi_extension: h\nagi_version: 22.10.1\n\n";
constexpr auto kStart = Deadline() + 1h;

/// A dialogue, its commands, and an Asterisk that answers them.
class Talk {
public:
    explicit Talk(std::string_view environment = kEnvironment) { ours->receive(environment); }

    Command& submit(std::string_view text, Deadline deadline = Deadline::max()) {
        auto& command = commands.emplace_back(commands.size() + 1, text, deadline);
        ours->submit(command);
        return command;
    }
    void hear(std::string_view bytes) {
        ours->receive(std::exchange(rest_, std::string()) + std::string(bytes));
    }
    /// Hears a line whose end comes with whatever comes next.
    void hear_cut(const std::string& line, std::size_t at) {
        hear(line.substr(0, at));
        rest_ = line.substr(at) + '\n';
    }

    /// Takes what was sent; false if that includes a second command, other than to stop a prompt.
    bool listen() {
        for (auto sent = ours.take_sent(); !sent.empty(); sent.erase(0, sent.find('\n') + 1)) {
            const auto line = sent.substr(0, sent.find('\n'));
            const bool fence = line.find("costrix-fence-") != std::string::npos;
            if (!running_.empty() && !(fence && running_.starts_with("STREAM FILE")))
                return false;
            running_.clear();  // a prompt stops, without a reply
            if (fence)
                to_us_ += "200 result=1 (" + quoted(line) + ")\n";
            else
                running_ = line;
        }
        return true;
    }
    /// Asterisk answers everything; false if it gets a second command meanwhile.
    bool answer_all() {
        const auto owes = [this] { return !(running_.empty() && to_us_.empty() && rest_.empty()); };
        for (int i = 0; i < 20 && listen() && owes(); ++i) {
            if (!running_.empty())
                to_us_ += reply_to(std::exchange(running_, std::string())) + "\n";
            hear(std::exchange(to_us_, std::string()));
        }
        return listen() && running_.empty();
    }

    BareDialogue ours;
    std::list<Command> commands;
    Deadline now = kStart;

private:
    static std::string quoted(const std::string& line) {
        const auto begin = line.find('"') + 1;
        return line.substr(begin, line.find('"', begin) - begin);
    }
    static std::string reply_to(const std::string& line) {
        if (line.starts_with("STREAM FILE"))
            return "200 result=0 endpos=800";
        if (line == "CHANNEL STATUS")
            return "200 result=6";
        if (line.find("checkhangup") != std::string::npos)
            return "200 result=1 (0)";
        return "200 result=1 (" + quoted(line) + ")";
    }

    std::string running_;
    std::string to_us_;
    std::string rest_;
};

/// A way into a state.
struct Way {
    const char* name;
    State state;
    std::function<void(Talk&)> go;
    std::string_view environment = kEnvironment;
};

/// What is answered here, Asterisk has answered: the rest it still owes.
const std::vector<Way>& ways() {
    static const std::vector<Way> kWays{
        {"idle", State::idle, [](Talk&) {}},
        {"idle after a command",
         State::idle,
         [](Talk& talk) {
             talk.submit("GET VARIABLE \"first\"");
             EXPECT_TRUE(talk.answer_all());
         }},
        {"a value", State::running, [](Talk& talk) { talk.submit("GET VARIABLE \"a\""); }},
        {"a prompt", State::running, [](Talk& talk) { talk.submit("STREAM FILE \"a\" \"\""); }},
        {"a prompt with a deadline",
         State::running,
         [](Talk& talk) { talk.submit("STREAM FILE \"a\" \"\"", kStart + 10ms); }},
        {"an abandoned value",
         State::running,
         [](Talk& talk) {
             talk.ours->cancel(talk.submit("GET VARIABLE \"a\"").id, Stop::at_once, talk.now);
         }},
        {"a prompt that stops",
         State::stopping,
         [](Talk& talk) {
             const auto id = talk.submit("STREAM FILE \"a\" \"\"").id;
             talk.ours->cancel(id, Stop::when_stopped, talk.now);
         }},
        {"a prompt that ended before its fence",
         State::stopping,
         [](Talk& talk) {
             const auto id = talk.submit("STREAM FILE \"a\" \"\"").id;
             EXPECT_EQ(talk.ours.take_sent(), "STREAM FILE \"a\" \"\"\n");
             talk.ours->cancel(id, Stop::when_stopped, talk.now);
             talk.hear("200 result=0 endpos=1\n");
         }},
        {"a -1",
         State::checking_status,
         [](Talk& talk) {
             talk.submit("STREAM FILE \"a\" \"\"");
             EXPECT_EQ(talk.ours.take_sent(), "STREAM FILE \"a\" \"\"\n");
             talk.hear("200 result=-1 endpos=0\n");
         }},
        {"a 511",
         State::checking_hangup,
         [](Talk& talk) {
             talk.submit("ANSWER");
             EXPECT_EQ(talk.ours.take_sent(), "ANSWER\n");
             talk.hear("511 Command Not Permitted on a dead channel or intercept routine\n");
         }},
        {"a check",
         State::checking_hangup,
         [](Talk& talk) { EXPECT_TRUE(talk.ours->check_channel()); }},
        {"the h extension", State::checking_hangup, [](Talk&) {}, kDeadEnvironment},
    };
    return kWays;
}

struct Happening {
    const char* name;
    std::function<void(Talk&)> happen;
    bool hangs_up = false;
};

const std::vector<Happening>& happenings() {
    const auto cancel = [](Stop stop) {
        return [stop](Talk& talk) { talk.ours->cancel(1, stop, talk.now); };
    };
    static const std::vector<Happening> kHappenings{
        {"nothing", [](Talk&) {}},
        {"terminal cancellation", cancel(Stop::at_once)},
        {"partial cancellation", cancel(Stop::when_stopped)},
        {"total cancellation", cancel(Stop::prompt_only)},
        {"a deadline", [](Talk& talk) { talk.ours->pass(talk.now += 50ms); }},
        {"a long time", [](Talk& talk) { talk.ours->pass(talk.now += 1min); }},
        {"HANGUP", [](Talk& talk) { talk.hear("HANGUP\n"); }, true},
        {"a HANGUP in two packets", [](Talk& talk) { talk.hear_cut("HANGUP", 3); }, true},
        {"SIGHUP", [](Talk& talk) { talk.ours->sighup(); }, true},
        {"a check", [](Talk& talk) { talk.ours->check_channel(); }},
        {"another command", [](Talk& talk) { talk.submit("GET VARIABLE \"other\""); }},
        {"another prompt", [](Talk& talk) { talk.submit("STREAM FILE \"other\" \"\""); }},
        {"the answers", [](Talk& talk) { EXPECT_TRUE(talk.answer_all()); }},
    };
    return kHappenings;
}

TEST(Dialogue, ReachesEachState) {
    for (const auto& way : ways()) {
        Talk talk(way.environment);
        way.go(talk);
        EXPECT_EQ(talk.ours->state(), way.state) << way.name;
    }
}

TEST(Dialogue, StaysInStepWhateverHappensInWhateverState) {
    int shown = 0;
    for (const auto& way : ways()) {
        for (const auto& first : happenings()) {
            for (const auto& second : happenings()) {
                SCOPED_TRACE(std::string(way.name) + ", " + first.name + ", " + second.name);
                Talk talk(way.environment);
                talk.ours->allow_after_hangup();
                way.go(talk);
                first.happen(talk);
                second.happen(talk);
                ASSERT_TRUE(talk.answer_all()) << "a second command in flight";
                for (const auto& command : talk.commands)
                    ASSERT_TRUE(command.done) << command.id << " hangs";
                auto& probe = talk.submit("GET VARIABLE \"probe\"");
                ASSERT_TRUE(talk.answer_all());
                ASSERT_TRUE(probe.done);
                EXPECT_EQ(probe.end, End::replied);
                EXPECT_EQ(probe.reply.value(), "probe");
                EXPECT_EQ(talk.ours->state(), State::idle);
                EXPECT_EQ(talk.ours.why, "");
                EXPECT_TRUE(talk.ours->hung_up() || !(first.hangs_up || second.hangs_up));
                ++shown;
            }
        }
    }
    EXPECT_EQ(shown, static_cast<int>(ways().size() * happenings().size() * happenings().size()));
}

TEST(Dialogue, LeavesNobodyWaitingWhenItEndsInWhateverState) {
    const std::vector<Happening> ends{
        {"the end", [](Talk& talk) { talk.ours->end(End::disconnected); }},
        {"no AGI", [](Talk& talk) { talk.hear("\x01" + std::string(70000, 'x')); }},
        {"a broken connection",
         [](Talk& talk) {
             talk.ours.break_writes();
             talk.submit("NOOP");
             talk.answer_all();
         }},
    };
    for (const auto& way : ways()) {
        for (const auto& first : happenings()) {
            for (const auto& last : ends) {
                SCOPED_TRACE(std::string(way.name) + ", " + first.name + ", " + last.name);
                Talk talk(way.environment);
                way.go(talk);
                first.happen(talk);
                last.happen(talk);
                talk.ours->end(End::disconnected);  // as a session does in the end
                for (const auto& command : talk.commands)
                    EXPECT_TRUE(command.done) << command.id << " hangs";
                EXPECT_EQ(talk.ours->state(), State::ended);
                EXPECT_TRUE(talk.ours->hung_up());
                auto& late = talk.submit("NOOP");
                EXPECT_TRUE(late.done);
                EXPECT_EQ(late.end, talk.ours->hangup());
            }
        }
    }
}

TEST(Dialogue, AsksForTheTimeOfTheNextFenceAndSendsItThen) {
    Talk talk;
    const auto id = talk.submit("STREAM FILE \"a\" \"\"").id;
    talk.ours->cancel(id, Stop::when_stopped, kStart);
    EXPECT_EQ(
        talk.ours.take_sent(), "STREAM FILE \"a\" \"\"\nGET FULL VARIABLE \"costrix-fence-1\"\n"
    );
    EXPECT_EQ(talk.ours.wake, kStart + 100ms);
    EXPECT_EQ(talk.ours->next_deadline(), kStart + 100ms);
    talk.ours->pass(kStart + 99ms);
    EXPECT_EQ(talk.ours.take_sent(), "");
    talk.ours->pass(kStart + 100ms);
    EXPECT_EQ(talk.ours.take_sent(), "GET FULL VARIABLE \"costrix-fence-2\"\n");
    EXPECT_EQ(talk.ours->next_deadline(), kStart + 300ms);
    talk.hear("200 result=1 (costrix-fence-1)\n");
    EXPECT_EQ(talk.ours->state(), State::stopping);
    talk.hear("200 result=1 (costrix-fence-2)\n");
    EXPECT_EQ(talk.ours->state(), State::idle);
    EXPECT_EQ(talk.ours->next_deadline(), Deadline::max());
    EXPECT_EQ(talk.commands.front().end, End::cancelled);
}

TEST(Dialogue, ShowsEachLineOnceItIsAskedTo) {
    BareDialogue ours;
    ours->observe_lines(true);
    ours->receive("agi_network: yes\nagi_version: 22.10.1\n\n");
    Command command(1, "GET VARIABLE \"a\"");
    ours->submit(command);
    ours->receive("200 result=1 (a)\nHANGUP\n");
    const std::vector<std::string> expected{
        "< agi_network: yes",
        "< agi_version: 22.10.1",
        "> GET VARIABLE \"a\"",
        "< 200 result=1 (a)",
        "< HANGUP"};
    EXPECT_EQ(ours.lines, expected);
    EXPECT_EQ(ours.hangups, 1);
}

TEST(Dialogue, IsNotOpenedByAnEnvironmentWithSomethingElseBehindIt) {
    BareDialogue ours;
    ours->receive(std::string(kEnvironment) + "GET / HTTP/1.1\n200 result=0\n");
    EXPECT_FALSE(ours.was_opened);
    EXPECT_EQ(ours.fault, Fault::not_a_reply);
    EXPECT_EQ(ours->state(), State::ended);
}

}  // namespace
}  // namespace costrix::agi::detail
