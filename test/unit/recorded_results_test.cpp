// SPDX-License-Identifier: MIT
// Every command on record, executed as its action: what comes of a real Asterisk's reply.
#include "support/all_actions.hpp"
#include "support/session_fixture.hpp"

#include <costrix/testing/transcript.hpp>

#include <algorithm>
#include <cctype>
#include <deque>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace costrix::agi {
namespace {

namespace fs = std::filesystem;
using costrix::testing::Transcript;
using costrix::testing::TranscriptKind;
using costrix::testing::TranscriptRecord;

// ---- results in words -----------------------------------------------------------------------

/// Bytes as the transcripts write them.
std::string escaped(std::string_view text) {
    constexpr char kHex[] = "0123456789abcdef";
    std::string out = "\"";
    for (const char byte : text) {
        const auto c = static_cast<unsigned char>(byte);
        if (c == '\\')
            out += "\\\\";
        else if (c >= 0x20 && c < 0x7f)
            out += static_cast<char>(c);
        else
            out += std::string("\\x") + kHex[c / 16] + kHex[c % 16];
    }
    return out += '"';
}

std::string words(bool value) {
    return value ? "true" : "false";
}
std::string words(const std::string& text) {
    return text.size() <= 200
               ? escaped(text)
               : escaped(text.substr(0, 20)) + "... " + std::to_string(text.size()) + " bytes";
}
std::string words(std::optional<char> key) {
    return key ? escaped({&*key, 1}) : "nothing";
}
std::string words(const std::optional<std::string>& text) {
    return text ? words(*text) : "nothing";
}
std::string words(ChannelState state) {
    return "state " + std::to_string(static_cast<int>(state));
}
std::string words(const StreamFile::Result& result) {
    return "key " + words(result.key) + ", endpos " + std::to_string(result.endpos.count());
}
std::string words(const GetOption::Result& result) {
    return "key " + words(result.key) + ", endpos " + std::to_string(result.endpos.count());
}
std::string words(const ControlStreamFile::Result& result) {
    const auto end = result.endpos ? std::to_string(result.endpos->count()) + " ms" : "nothing";
    return "key " + words(result.key) + ", endpos " + end;
}
std::string words(const GetData::Result& result) {
    return "digits " + words(result.digits) + (result.timed_out ? ", timed out" : "");
}
std::string words(const RecordFile::Result& result) {
    constexpr const char* kEnds[] = {"key", "time_out", "silence", "hangup"};
    return std::string("ended by ") + kEnds[static_cast<int>(result.stopped_by)] + ", key " +
           words(result.key) + ", endpos " + std::to_string(result.endpos.count());
}
std::string words(const Exec::Result& result) {
    return "value " + std::to_string(result.value);
}
std::string words(const Gosub::Result& result) {
    return result.abnormal_exit ? "abnormal exit" : "returned";
}
std::string words(const SpeechRecognize::Result& result) {
    auto text = "end " + std::to_string(static_cast<int>(result.stopped_by)) + ", key " +
                words(result.key) + ", endpos " + std::to_string(result.endpos.count());
    for (const auto& heard : result.heard)
        text += ", heard " + escaped(heard.text) + " by " + escaped(heard.grammar) + " at " +
                std::to_string(heard.score);
    return text;
}

std::string words(std::exception_ptr error) {
    // The most special first.
    try {
        std::rethrow_exception(error);
    } catch (const AGIResultHangup&) {
        return "AGIResultHangup";
    } catch (const AGISIGPIPEHangup&) {
        return "AGISIGPIPEHangup";
    } catch (const AGIDBError&) {
        return "AGIDBError";
    } catch (const AGIAppError&) {
        return "AGIAppError";
    } catch (const AGIDeadChannelError&) {
        return "AGIDeadChannelError";
    } catch (const AGIInvalidCommandError&) {
        return "AGIInvalidCommandError";
    } catch (const AGIUsageError& wrong) {
        const auto usage = wrong.reply().usage();
        return wrong.reply().code() == 0 ? "AGIUsageError, nothing sent: " + escaped(wrong.what())
                                         : "AGIUsageError, usage " + escaped(usage.substr(0, 40));
    } catch (const AGINoResultError&) {
        return "AGINoResultError";
    } catch (const AGIUnknownError&) {
        return "AGIUnknownError";
    } catch (const std::exception& other) {
        return std::string("another exception: ") + other.what();
    }
}

// ---- recorded lines as actions --------------------------------------------------------------

/// An A that sends the line on record.
template <class A>
class Recorded {
public:
    static constexpr std::string_view command = "";
    static constexpr CommandTraits traits = detail::traits_of<A>();

    explicit Recorded(std::string line) : line_(std::move(line)) {}
    void encode(CommandLine& line) const { line.raw(line_); }
    static ResultOf<A> parse(const Reply& reply) { return A::parse(reply); }

private:
    std::string line_;
};

/// A command that Asterisk does not have, or a user's own.
class Unknown {
public:
    static constexpr std::string_view command = "UNKNOWN";
    Unknown() noexcept {}
    void encode(CommandLine&) const {}
    static std::string parse(const Reply& reply) { return std::string(reply.text()); }
};

template <class A>
asio::awaitable<void> execute(AGI& call, std::string line, std::string& result) {
    const Recorded<A> action(std::move(line));
    if constexpr (std::is_void_v<ResultOf<A>>) {
        co_await call.execute(action);
        result = "done";
    } else {
        const auto value = co_await call.execute(action);
        result = words(value);
    }
}

using Execute = asio::awaitable<void> (*)(AGI&, std::string, std::string&);

template <class... A>
struct ByCommand {
    static std::map<std::string_view, Execute> make() { return {{A::command, &execute<A>}...}; }
};

/// Each class under its command.
const std::map<std::string_view, Execute>& actions() {
    static const auto all = test::WithAllActions<ByCommand>::make();
    return all;
}

/// The words of a line as Asterisk splits it, in upper case: enough of them for a command's name.
Execute action_of(const std::string& line) {
    std::string name;
    for (const char c : line)
        name += c == '\t' ? ' ' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    name.erase(0, name.find_first_not_of(' '));
    Execute found = &execute<Unknown>;
    for (const auto& [command, run] : actions())  // in order, so the longest comes last
        if (name.starts_with(command) &&
            (name.size() == command.size() || name[command.size()] == ' '))
            found = run;
    return found;
}

// ---- the conversation -----------------------------------------------------------------------

/// How what Asterisk sent reaches the session.
enum class Cut { as_recorded, by_line, by_byte };

class RecordedResults : public test::SessionTest, public ::testing::WithParamInterface<fs::path> {
protected:
    /// One line for each command: what was sent, and what came of it.
    std::string play(const Transcript& transcript, Cut cut) {
        commands_.clear();
        std::vector<std::string> batch;
        bool open_yet = false, gone = false;
        auto flush = [&] {
            if (batch.empty())
                return;
            if (!open_yet)
                open_yet = begin(batch);
            gone |= std::find(batch.begin(), batch.end(), "HANGUP\n") != batch.end();
            deliver(batch, cut, gone);
            batch.clear();
        };
        for (const auto& record : transcript.records()) {
            if (record.kind == TranscriptKind::asterisk) {
                batch.push_back(record.bytes());
                continue;
            }
            flush();
            gone |= record.text == "the caller hangs up";
            if (record.kind == TranscriptKind::script)
                execute_line(record);
            else if (record.text.starts_with("asterisk closes the connection"))
                transport().end();
        }
        flush();
        session().close();  // what has no reply on record ends here
        run();
        std::string out;
        for (const auto& command : commands_)
            out += words(command.line) + " -> " + command.outcome() + '\n';
        return out;
    }

private:
    struct Running {
        std::string line, result;
        std::shared_ptr<test::Task> task;
        std::string outcome() const { return task->error() ? words(task->error()) : result; }
    };

    /// Opens the session with the environment block, and takes it off the batch.
    bool begin(std::vector<std::string>& batch) {
        const auto end = std::find(batch.begin(), batch.end(), "\n");
        std::string block;
        for (auto line = batch.begin(); line != end; ++line)
            block += *line;
        open(block + '\n');
        call().allow_after_hangup();
        answer_probe(true);
        batch.erase(batch.begin(), end == batch.end() ? end : end + 1);
        return true;
    }

    void deliver(const std::vector<std::string>& batch, Cut cut, bool gone) {
        if (std::exchange(unsent_, false))
            return;
        // The session sends a command when the one before is answered; its reply cannot be there
        // before.
        const bool pipelined =
            commands_.size() > 1 && !commands_[commands_.size() - 2].task->done();
        std::string all;
        for (const auto& line : batch) {
            all += line;
            if (cut == Cut::by_line || pipelined) {
                asterisk(line);
                answer_probe(gone);
            } else if (cut == Cut::by_byte) {
                for (const char byte : line) {
                    asterisk({&byte, 1});
                    answer_probe(gone);
                }
            }
        }
        if (cut == Cut::as_recorded && !pipelined) {
            asterisk(all);
            answer_probe(gone);
        }
    }

    /// The session asks what a -1 or the h extension meant; the recorded script did not.
    void answer_probe(bool gone) {
        wire_ += sent();
        if (wire_.ends_with("GET FULL VARIABLE ${CHANNEL(checkhangup)}${AGISIGHUP}\n")) {
            wire_.clear();
            asterisk("200 result=1 (1)\n");
            wire_ += sent();
        }
        if (!wire_.ends_with("CHANNEL STATUS\n") || last_line_ == "CHANNEL STATUS")
            return;
        wire_.clear();
        asterisk(
            gone ? "511 Command Not Permitted on a dead channel or intercept routine\n"
                 : "200 result=6\n"
        );
        wire_ += sent();
    }

    void execute_line(const TranscriptRecord& record) {
        const bool waits = !commands_.empty() && !commands_.back().task->done();
        commands_.push_back({record.text, "no result", nullptr});
        auto& command = commands_.back();
        last_line_ = record.text;
        command.task = start(action_of(record.text)(call(), record.text, command.result));
        unsent_ = !waits && command.task->done();
    }

    std::deque<Running> commands_;
    std::string wire_, last_line_;
    bool unsent_ = false;  // refused here, so what is on record answers nothing
};

// ---- what is expected -----------------------------------------------------------------------

fs::path results_file() {
    return fs::path(COSTRIX_TRANSCRIPTS) / "RESULTS.txt";
}

/// The section of each transcript: `[NAME]` and its lines.
const std::map<std::string, std::string>& expected() {
    static const auto sections = [] {
        std::map<std::string, std::string> found;
        std::ifstream in(results_file());
        std::string line, name;
        while (std::getline(in, line)) {
            if (line.starts_with('[') && line.ends_with(']'))
                found[name = line.substr(1, line.size() - 2)];
            else if (!line.empty() && !line.starts_with('#'))
                found[name] += line + '\n';
        }
        return found;
    }();
    return sections;
}

std::string section_of(const fs::path& file) {
    const auto stem = file.stem().string();
    return file.parent_path().filename() == "asterisk-16" ? "asterisk-16/" + stem : stem;
}

/// What no session sends, since it keeps to the protocol; for their bytes see transcripts_test.cpp.
const std::set<std::string> kOdd{
    "classic-long-line",
    "env-injected",  // two sessions, one inside the other
    "fence",         // bytes on purpose while a prompt plays, and no reply to it
    "interrupt-others",
    "interrupt-stream-file",
    "long-line",  // one line that Asterisk takes for two
    "asterisk-16/fence",
    "asterisk-16/get-variable-long",
    "asterisk-16/interrupt-others",
    "asterisk-16/interrupt-stream-file",
    "asterisk-16/long-line",
    "nested-agi",
};

/// All other sessions; asyncagi-* are AMI's.
std::vector<fs::path> recordings() {
    std::vector<fs::path> found;
    for (const auto& entry : fs::recursive_directory_iterator(COSTRIX_TRANSCRIPTS)) {
        const auto& file = entry.path();
        if (file.extension() == ".agi" && !file.stem().string().starts_with("asyncagi-") &&
            !kOdd.contains(section_of(file)) && !Transcript::read(file).environment().empty())
            found.push_back(file);
    }
    std::sort(found.begin(), found.end());
    return found;
}

TEST_P(RecordedResults, AreThese) {
    const auto transcript = Transcript::read(GetParam());
    const auto section = section_of(GetParam());
    const auto found = expected().find(section);
    const auto wanted = found == expected().end() ? std::string() : found->second;
    for (const auto cut : {Cut::as_recorded, Cut::by_line, Cut::by_byte})
        EXPECT_EQ(play(transcript, cut), wanted)
            << '[' << section << "] of " << results_file() << ", cut " << static_cast<int>(cut);
}

INSTANTIATE_TEST_SUITE_P(
    Recorded,
    RecordedResults,
    ::testing::ValuesIn(recordings()),
    [](const auto& parameter) {
        auto name = section_of(parameter.param);
        std::replace_if(
            name.begin(), name.end(), [](char c) { return c == '-' || c == '/'; }, '_'
        );
        return name;
    }
);

TEST(RecordedResultsFile, HasNoSectionWithoutARecording) {
    std::size_t count = 0;
    for (const auto& file : recordings())
        count += expected().count(section_of(file));
    EXPECT_EQ(count, expected().size());
}

}  // namespace
}  // namespace costrix::agi
