// SPDX-License-Identifier: MIT
// The reader of recorded sessions, and the way back to the call that was placed for one.

#include <costrix/testing/transcript.hpp>

#include <system_error>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <utility>

namespace costrix::inline COSTRIX_ABI::testing {

namespace {

TranscriptKind kind_of(char mark) {
    switch (mark) {
    case '<':
        return TranscriptKind::asterisk;
    case '>':
        return TranscriptKind::script;
    case '!':
        return TranscriptKind::happening;
    case '#':
        return TranscriptKind::comment;
    case agi::transcript_mark::audio_received:
        return TranscriptKind::audio_received;
    case agi::transcript_mark::audio_sent:
        return TranscriptKind::audio_sent;
    default:
        throw std::runtime_error("begins with neither <, >, !, #, [ nor ]");
    }
}

TranscriptRecord parse_line(const std::string& line) {
    const bool whole = line.size() < 2 || line[1] != '~';
    const auto text = line.substr(std::min<std::size_t>(whole ? 2 : 3, line.size()));
    const auto kind = kind_of(line.empty() ? ' ' : line[0]);
    const bool escaped = kind != TranscriptKind::comment;
    TranscriptRecord record{kind, escaped ? agi::unescape_transcript(text) : text, whole};
    std::string bytes;
    if (record.is_audio())
        static_cast<void>(record.audio(bytes));  // throws if it is damaged
    return record;
}

/// A number of seconds as a duration; nullopt for what no clock can count.
std::optional<std::chrono::nanoseconds> to_time(const std::string& text) {
    const auto seconds = std::strtod(text.c_str(), nullptr);
    if (!(std::abs(seconds) < 1e9))
        return std::nullopt;
    return std::chrono::microseconds(std::llround(seconds * 1e6));
}

std::string known(const std::string& value) {
    return value == "unknown" ? std::string() : value;
}

// Channel, caller and arguments, from the environment block.
void apply_environment(Scenario& scenario, std::map<std::string, std::string> env) {
    if (env.empty())
        return;
    scenario.url(env["request"]).channel(env["channel"]).unique_id(env["uniqueid"]);
    scenario.version(env["version"]).thread_id(env["threadid"]).language(env["language"]);
    scenario.location(env["context"], env["extension"], std::atoi(env["priority"].c_str()));
    scenario.caller_number(known(env["callerid"])).caller_name(known(env["calleridname"]));
    scenario.dnid(env["dnid"]).rdnis(env["rdnis"]).account_code(env["accountcode"]);
    std::vector<std::string> arguments;
    for (int i = 1; env.contains("arg_" + std::to_string(i)); ++i)
        arguments.push_back(env["arg_" + std::to_string(i)]);
    scenario.args(std::move(arguments));
}

// The channel variables of the header's set={'NAME': 'value', ...}.
void apply_variables(Scenario& scenario, const std::string& header) {
    std::vector<std::string> quoted;
    auto at = header.find("set={");
    const auto end = std::min(header.find('}', std::min(at, header.size())), header.size());
    while (at < end && (at = header.find('\'', at)) < end) {
        const auto close = header.find('\'', at + 1);
        if (close >= end)
            break;  // the quote is never closed
        quoted.push_back(header.substr(at + 1, close - at - 1));
        at = close + 1;
    }
    for (std::size_t i = 0; i + 1 < quoted.size(); i += 2)
        scenario.variable(quoted[i], quoted[i + 1]);
}

void apply_mode(Scenario& scenario, const std::string& mode) {
    if (mode == "classic")
        scenario.classic();
    else if (mode == "eagi")
        scenario.eagi();
    else if (mode == "dead")
        scenario.dead();
}

}  // namespace

std::optional<std::chrono::nanoseconds> TranscriptRecord::passed() const {
    if (kind != TranscriptKind::comment || !text.starts_with('+') || !text.ends_with(" s"))
        return std::nullopt;
    return to_time(text);
}

agi::AudioEvent TranscriptRecord::audio(std::string& bytes) const {
    return agi::parse_transcript_audio(kind == TranscriptKind::audio_sent, text, bytes);
}

Transcript::Transcript(std::vector<TranscriptRecord> records) : records_(std::move(records)) {}

Transcript Transcript::read(const std::filesystem::path& file) {
    std::ifstream stream(file, std::ios::binary);
    if (!stream) {
        const std::error_code why(errno, std::system_category());
        throw std::runtime_error("cannot open transcript " + file.string() + ": " + why.message());
    }
    try {
        return parse(std::string(std::istreambuf_iterator<char>(stream), {}));
    } catch (const std::runtime_error& error) {
        throw std::runtime_error("transcript " + file.string() + ", " + error.what());
    }
}

Transcript Transcript::parse(std::string_view text) {
    std::vector<TranscriptRecord> records;
    while (!text.empty()) {
        const auto line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        try {
            records.push_back(parse_line(std::string(line)));
        } catch (const std::runtime_error& error) {
            const auto number = std::to_string(records.size() + 1);
            throw std::runtime_error("line " + number + ": " + error.what());
        }
    }
    return Transcript(std::move(records));
}

std::map<std::string, std::string> Transcript::environment() const {
    constexpr std::string_view prefix = "agi_";
    std::map<std::string, std::string> result;
    for (const auto& record : records_) {
        if (record.kind != TranscriptKind::asterisk)
            continue;
        const auto colon = record.text.find(": ");
        if (!record.text.starts_with(prefix) || colon == std::string::npos)
            break;
        const auto key = record.text.substr(prefix.size(), colon - prefix.size());
        result.emplace(key, record.text.substr(colon + 2));
    }
    return result;
}

std::string Transcript::header(std::string_view key) const {
    const auto wanted = std::string(key) + ": ";
    for (const auto& record : records_) {
        if (record.kind == TranscriptKind::comment && record.text.starts_with(wanted))
            return record.text.substr(wanted.size());
    }
    return {};
}

std::string Transcript::call_option(std::string_view key) const {
    const auto call = header("call");
    const auto at = call.find(std::string(key) + "=");
    if (at == std::string::npos)
        return {};
    const auto begin = at + key.size() + 1;
    return call.substr(begin, call.find(", ", begin) - begin);
}

Scenario Transcript::scenario() const {
    Scenario scenario;
    apply_environment(scenario, environment());
    apply_mode(scenario, call_option("mode"));
    apply_variables(scenario, header("call"));
    const auto name = header("scenario");
    scenario.variable("RIG_ID", "rec-" + name);
    scenario.variable("RIG_PATH", call_option("mode").empty() ? name : call_option("path"));
    if (call_option("answer") == "1")
        scenario.answered();
    if (const auto ring = call_option("ring"); !ring.empty()) {
        if (const auto time = to_time(ring))
            scenario.hang_up_after(*time);
    }
    return scenario;
}

}  // namespace costrix::inline COSTRIX_ABI::testing
