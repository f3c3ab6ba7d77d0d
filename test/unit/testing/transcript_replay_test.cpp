// SPDX-License-Identifier: MIT
// The proof: the simulated Asterisk answers the recorded scripts as the recorded Asterisk did.

#include <costrix/testing/fake_asterisk.hpp>
#include <costrix/testing/transcript.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using namespace std::chrono_literals;
using costrix::testing::ApplicationOutcome;
using costrix::testing::EventKind;
using costrix::testing::FakeAsterisk;
using costrix::testing::Scenario;
using costrix::testing::Transcript;
using costrix::testing::TranscriptKind;
using Record = costrix::testing::TranscriptRecord;
using Time = std::chrono::nanoseconds;

// ---------------------------------------------------------------- what is special about which

/// Not replayed, and why. The asyncagi-* transcripts are AMI conversations and not looked at.
const std::map<std::string, std::string> left_out{
    {"classic-bad-interpreter", "no session: the script's process never ran"},
    {"classic-exit-at-once", "no session: the process ends before a byte is exchanged"},
    {"classic-missing", "no session: Asterisk finds no such file"},
    {"classic-no-handler", "no session on record: the process dies of the signal, unseen"},
    {"connect-no-host", "no session: the name does not resolve"},
    {"connect-refused", "no session: nobody listens"},
    {"connect-timeout", "no session: the connection is never made"},
    {"eagi-fastagi", "no session: Asterisk refuses EAGI with a URL"},
};

/// A recorded line that the simulation answers a little differently, or earlier.
struct Tolerance {
    std::string transcript;
    std::string recorded;
    std::string simulated;
    std::string reason;
};

const std::vector<Tolerance> tolerated{
    {"record-file",
     "200 result=0 (timeout) endpos=11200",
     "200 result=0 (timeout) endpos=11360",
     "one 20 ms frame of a live line's jitter"},
    {"record-file-silence",
     "200 result=6020 (timeout) endpos=24160",
     "200 result=6020 (timeout) endpos=24000",
     "one 20 ms frame of a live line's jitter"},
    {"record-file",
     "200 result=0 (timeout) endpos=8160",
     "200 result=0 (timeout) endpos=8160",
     "the time only: a timeout of 0.5 s took 0.7 s when appending"},
    {"speech-engine",
     "200 result=1 (timeout) endpos=0",
     "200 result=1 (timeout) endpos=0",
     "the time only: Asterisk measures this timeout in whole seconds, by the clock on the wall"},
};

/// Here the recorder read a reply only after its next write, or never.
const std::set<std::string> read_late{
    "asterisk-16/fence",
    "asterisk-16/fence-dead",
    "asterisk-16/get-variable-long",
    "asterisk-16/long-line",
    "close-unread",
    "close-with-pending",
    "fence",
    "fence-dead",
    "hangup-race",
    "pipelined-separate",
    "reset-at-once",
};

/// Here consecutive lines went out in writes of their own, less than 50 ms apart.
const std::set<std::string> written_apart{"pipelined-separate"};

/// What printf '...' says, which the recorder used to make newlines.
std::string shell(std::string_view command) {
    const auto open = command.find('\'');
    const auto text = command.substr(open + 1, command.rfind('\'') - open - 1);
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\\' && i + 1 < text.size()) {
            ++i;
            result += text[i] == 'n' ? '\n' : '\r';
        } else {
            result += text[i];
        }
    }
    return result;
}

ApplicationOutcome nested_agi(std::string_view arguments) {
    ApplicationOutcome outcome;
    const bool refused = arguments.find(":1/") != std::string_view::npos;
    const bool missing = arguments == "no-such-script";
    return outcome.sets("AGISTATUS", refused ? "FAILURE" : missing ? "NOTFOUND" : "SUCCESS");
}

/// The rig's sound files, as long as the transcripts show them to be.
void rig_sounds(Scenario& scenario) {
    scenario.sound("digits/0", 880ms).sound("digits/1", 920ms).sound("digits/2", 770ms);
    scenario.sound("digits/3", 860ms).sound("digits/5", 840ms).sound("digits/12", 820ms);
    scenario.sound("digits/at", 1070ms).sound("digits/minus", 900ms).sound("digits/star", 830ms);
    scenario.sound("letters/a", 620ms).sound("letters/b", 640ms).sound("letters/asterisk", 830ms);
    scenario.sound("letters/lowercase", 1240ms).sound("letters/uppercase", 1230ms);
    scenario.sound("phonetic/a_p", 900ms).sound("phonetic/b_p", 900ms);
}

/// The rig's dialplan: conf/extensions.conf.
void rig_dialplan(Scenario& scenario) {
    scenario.variable("GOSUB_RETVAL", "").label("label", 3).unwritable("/nowhere");
    scenario.subroutine("sub", "ok", "1", "back-${ARG1}-${ARG2}");
    scenario.subroutine("sub", "ok", "label", "back-${ARG1}-${ARG2}");
    scenario.subroutine_that_leaves("sub", "leave", "1").subroutine_that_leaves("sub", "bye", "1");
    scenario.application("AGI", nested_agi);
    scenario.application("System", ApplicationOutcome().sets("SYSTEMSTATUS", "APPERROR"));
    scenario.function("SHELL", [](std::string_view command) {
        return std::optional(shell(command));
    });
}

/// Setups that cannot be read off the transcript itself.
const std::map<std::string, std::function<void(Scenario&)>> setups{
    {"asterisk-16/say-alpha", [](Scenario& s) { s.without_sound("letters/lowercase"); }},
    {"env-injected/nested",
     [](Scenario& s) {
         s.caller_name("Eve\nagi_accountcode: forged")
             .args({"a\nagi_arg_2: forged"})
             .account_code("");
     }},
    {"exec-dial",
     [](Scenario& s) {
         s.dial("Local/answer@party/n", "ANSWER", 1510ms).dial("Local/busy@party/n", "BUSY");
         s.dial("Local/ring@party/n", "NOANSWER", 1s);
     }},
    {"hangup-exec-dial",
     [](Scenario& s) { s.dial("Local/answer@party/n", "ANSWER", Time::max()); }},
    {"record-file", [](Scenario& s) { s.talks_for(1h); }},
    {"record-file-hangup", [](Scenario& s) { s.talks_for(1h); }},
    {"record-file-silence", [](Scenario& s) { s.talks_for(1980ms); }},
    {"sip-call", [](Scenario& s) { s.hang_up_after(1100ms); }},  // sipp does, unrecorded
    {"speech-engine",
     [](Scenario& s) { s.speech_engine().says("new york", 812, "cities", 1040ms); }},
    {"usage-520-no-docs", [](Scenario& s) { s.undocumented(); }},
};

/// The call as recorded, with what the rig and the table above add.
Scenario scenario_of(const std::string& name, const Transcript& transcript) {
    auto scenario = transcript.scenario();
    rig_sounds(scenario);
    rig_dialplan(scenario);
    if (const auto setup = setups.find(name); setup != setups.end()) {
        setup->second(scenario);
    }
    return scenario;
}

// ---------------------------------------------------------------- playing it

// Times on record are rounded to 10 ms, and those under 50 ms are not noted.
constexpr Time slack = 60ms;
/// How much later than on record a reply may come whose time is tolerated.
constexpr Time most_tolerated = 1s;

class Replay {
public:
    Replay(std::string name, const Transcript& transcript)
        : name_(std::move(name)), records_(transcript.records()),
          fake_(scenario_of(name_, transcript)) {}

    void run() {
        for (at_ = 0; at_ < records_.size() && !::testing::Test::HasFatalFailure(); ++at_) {
            step(records_[at_]);
        }
        EXPECT_EQ(output_, "") << name_ << ": said too much";
    }

private:
    void step(const Record& record) {
        switch (record.kind) {
        case TranscriptKind::asterisk:
            expect(record);
            break;
        case TranscriptKind::script:
            send();
            break;
        case TranscriptKind::happening:
            happen(record.text);
            break;
        case TranscriptKind::audio_received:
        case TranscriptKind::audio_sent:
        case TranscriptKind::comment:
            comment(record);
            break;
        }
    }

    void collect() { output_ += fake_.take_output(); }

    // Lets time pass until there is a line, but no more than the record leaves open.
    void expect(const Record& record) {
        const auto line = accepted(record.text) + "\n";
        const auto until = fake_.now() + (is_tolerated(record.text) ? most_tolerated : slack);
        collect();
        while (output_.size() < line.size()) {
            const auto next = fake_.next_event();
            if (!next || fake_.now() + *next > until) {
                break;
            }
            fake_.advance(*next);
            collect();
        }
        ASSERT_EQ(output_.substr(0, line.size()), line) << where();
        output_.erase(0, line.size());
    }

    std::string accepted(const std::string& recorded) const {
        for (const auto& row : tolerated) {
            if (row.transcript == name_ && row.recorded == recorded) {
                return row.simulated;
            }
        }
        const bool epoch = sent_.ends_with(" EPOCH\n") && recorded.starts_with("200 result=1 (17");
        return epoch ? "200 result=1 (1795436445)" : recorded;
    }

    // Lines that follow each other directly went out in one write.
    void send() {
        collect();
        if (!read_late.contains(name_)) {
            ASSERT_EQ(output_, "") << where() << "said too much, or too early";
        }
        std::string bytes;
        for (;; ++at_) {
            bytes += records_[at_].bytes();
            const bool more =
                at_ + 1 < records_.size() && records_[at_ + 1].kind == TranscriptKind::script;
            if (!more || written_apart.contains(name_)) {
                break;
            }
        }
        sent_ = bytes;
        fake_.receive(bytes);
    }

    void comment(const Record& record) {
        if (!record.passed()) {
            return;
        }
        const Time passed = *record.passed();
        const bool reply_follows =
            at_ + 1 < records_.size() && records_[at_ + 1].kind == TranscriptKind::asterisk;
        const bool command_precedes = at_ > 0 && records_[at_ - 1].kind == TranscriptKind::script;
        const bool strict =
            reply_follows && command_precedes && !is_tolerated(records_[at_ + 1].text);
        if (strict && passed > slack) {
            fake_.advance(passed - slack);
            collect();
            ASSERT_EQ(output_, "") << where() << "answered too early";
            fake_.advance(slack);
        } else {
            fake_.advance(passed);
        }
    }

    bool is_tolerated(const std::string& recorded) const {
        return std::any_of(tolerated.begin(), tolerated.end(), [&](const Tolerance& row) {
            return row.transcript == name_ && row.recorded == recorded;
        });
    }

    void happen(const std::string& what) {
        collect();
        for (const auto& [beginning, deed] : deeds()) {
            if (what.starts_with(beginning)) {
                deed(what.substr(beginning.size()));
                return;
            }
        }
        FAIL() << where() << "cannot play this";
    }

    using Deed = std::function<void(const std::string&)>;

    std::vector<std::pair<std::string, Deed>> deeds() {
        const auto nothing = [](const std::string&) {};
        return {
            {"the caller presses ", [this](const std::string& key) { fake_.press(key); }},
            {"the caller sends the text ",
             [this](const std::string& text) { fake_.send_text(text); }},
            {"the caller hangs up", [this](const std::string&) { fake_.hang_up(); }},
            {"script closes the connection", [this](const std::string&) { close(); }},
            {"script resets the connection", [this](const std::string&) { close(); }},
            {"script shuts down its sending side",
             [this](const std::string&) { fake_.script_half_closed(); }},
            {"script closes its stdout",
             [this](const std::string&) { fake_.script_half_closed(); }},
            {"script exits with status ",
             [this](const std::string& status) { fake_.script_exited(std::stoi(status)); }},
            {"asterisk closes the connection",
             [this](const std::string&) { EXPECT_TRUE(fake_.closed()) << where(); }},
            {"end of file on the script's stdin",
             [this](const std::string&) { EXPECT_TRUE(fake_.closed()) << where(); }},
            {"the script receives SIGHUP",
             [this](const std::string&) { EXPECT_GE(fake_.sighups(), 1) << where(); }},
            {"the dialplan goes on at ",
             [this](const std::string& place) {
                 EXPECT_EQ(fake_.continues_at(), place) << where();
             }},
            {"AGI() ", [this](const std::string& text) { check_status(text); }},
            {"second connection", [this](const std::string&) { second_connection(); }},
            {"the call did not end", [this](const std::string&) { check_crash(); }},
            {"asterisk starts the script", nothing},
            {"sipp calls extension 100", nothing},
            {"the script's process is gone", nothing},
            {"the script's write to stdout fails", nothing},
        };
    }

    void close() {
        if (!read_late.contains(name_)) {
            EXPECT_EQ(output_, "") << where();
        }
        fake_.script_closed();
        EXPECT_EQ(fake_.take_output(), "") << where() << "wrote to a closed connection";
        output_.clear();
    }

    void check_status(const std::string& text) {
        constexpr std::string_view key = "AGISTATUS=";
        EXPECT_TRUE(fake_.closed()) << where();
        EXPECT_EQ(fake_.agistatus(), text.substr(text.find(key) + key.size())) << where();
    }

    void check_crash() { EXPECT_EQ(fake_.texts(EventKind::crash).size(), 1U) << where(); }

    // A nested AGI is a session of its own, and is replayed as one.
    void second_connection() {
        std::vector<Record> nested;
        while (records_[at_ + 1].kind != TranscriptKind::comment) {
            nested.push_back(records_[++at_]);
        }
        Replay(name_ + "/nested", Transcript(nested)).run();
    }

    std::string where() const {
        return name_ + ":" + std::to_string(at_ + 1) + ": " + records_[at_].text +
               "\nafter: " + sent_.substr(0, 200);
    }

    std::string name_;
    std::vector<Record> records_;
    std::size_t at_ = 0;
    std::string sent_;
    std::string output_;
    FakeAsterisk fake_;
};

// ---------------------------------------------------------------- all of them

std::vector<std::string> transcript_names() {
    const std::filesystem::path root(COSTRIX_TRANSCRIPTS);
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
        const auto name = entry.path().lexically_relative(root).replace_extension().string();
        if (entry.path().extension() == ".agi" && !name.starts_with("asyncagi-")) {
            names.push_back(name);
        }
    }
    std::sort(names.begin(), names.end());
    return names;
}

std::vector<std::string> replayed() {
    auto names = transcript_names();
    std::erase_if(names, [](const auto& name) { return left_out.contains(name); });
    return names;
}

class TranscriptReplay : public ::testing::TestWithParam<std::string> {};

TEST_P(TranscriptReplay, IsAnsweredAsRecorded) {
    const auto& name = GetParam();
    const auto path = std::filesystem::path(COSTRIX_TRANSCRIPTS) / (name + ".agi");
    Replay(name, Transcript::read(path)).run();
}

INSTANTIATE_TEST_SUITE_P(
    All,
    TranscriptReplay,
    ::testing::ValuesIn(replayed()),
    [](const auto& parameter) {
        std::string name = parameter.param;
        std::replace_if(
            name.begin(), name.end(), [](char c) { return c == '-' || c == '/'; }, '_'
        );
        return name;
    }
);

TEST(FakeAsterisk, LeavesOutOnlyTranscriptsThatExist) {
    const auto names = transcript_names();
    EXPECT_GT(names.size(), 100U);
    for (const auto& [name, reason] : left_out) {
        EXPECT_TRUE(std::count(names.begin(), names.end(), name) == 1) << name << ": " << reason;
    }
}

}  // namespace
