// SPDX-License-Identifier: MIT
// Command lines: exactly one LF, at the end, and by Asterisk's own rules the same words.
#include "fuzz/input.hpp"

#include <costrix/agi.hpp>
#include <costrix/testing/asterisk_tokenizer.hpp>

#include <string>
#include <vector>

namespace agi = costrix::agi;
using costrix::fuzz::Input;
using costrix::fuzz::require;
using costrix::testing::split_as_asterisk;

namespace {

using Words = std::vector<std::string>;

/// What any line that may be sent must be. Its words, as Asterisk reads them.
Words check_line(std::string_view line, std::size_t limit) {
    require(line.find('\n') == line.size() - 1, "a line has exactly one LF, at its end");
    line.remove_suffix(1);
    require(line.size() <= limit, "a line keeps to Asterisk's buffer");
    require(line.find('\0') == std::string_view::npos, "a line has no NUL");
    const auto read = split_as_asterisk(line);
    require(!read.overrun && !read.truncated, "the words fit into Asterisk's array");
    return read.words;
}

/// A command of arguments of any bytes.
void check_arguments(Input& input, std::size_t limit) {
    agi::CommandLine line(limit);
    line.name("SET VARIABLE");
    Words expected{"SET", "VARIABLE"};
    while (!input.empty()) {
        if (input.number(7) == 7) {
            const auto value = static_cast<std::int64_t>(input.number(65535)) - 32768;
            line.number(value);
            expected.push_back(std::to_string(value));
            continue;
        }
        expected.emplace_back(input.text(input.number(40)));
        line.argument(expected.back(), "value");
    }
    line.finish();
    if (line.ok())
        require(check_line(line.text(), limit) == expected, "the words are the same");
    else
        require(!line.fault().empty(), "a refusal says why");
}

/// A command as a user might write it.
void check_raw(Input& input, std::size_t limit) {
    agi::CommandLine line(limit);
    line.raw(input.rest()).finish();
    if (line.ok())
        check_line(line.text(), limit);
}

template <agi::Action A>
void check_action(const A& action, const Words& arguments) {
    const auto line = agi::to_string(action);
    if (line.starts_with('!'))
        return;
    auto expected = split_as_asterisk(A::command).words;
    expected.insert(expected.end(), arguments.begin(), arguments.end());
    const auto words = check_line(line + "\n", agi::CommandLine::kLargeBuffer);
    require(words.size() >= expected.size(), "no argument is lost");
    require(
        std::equal(expected.begin(), expected.end(), words.begin()), "an action's words are its own"
    );
}

void check_actions(Input& input) {
    const std::string a(input.line()), b(input.line()), c(input.line());
    check_action(agi::StreamFile(a).escape_digits(b), {a, b});
    check_action(agi::GetData(a).max_digits(static_cast<int>(input.number(65535))), {a});
    check_action(agi::Exec(a), {a});
    check_action(agi::Exec(a, b, c), {a});
    check_action(agi::SetVariable(a, b), {a, b});
    check_action(agi::GetFullVariable(a).channel(b), {a});
    check_action(agi::DatabasePut(a, b, c), {a, b, c});
    check_action(agi::Gosub(a, b, c, a), {a, b, c});
    check_action(agi::RecordFile(a, b).escape_digits(c), {a, b, c});
    check_action(agi::SetCallerid(a, b), {});
    check_action(agi::SayAlpha(a).escape_digits(b), {a, b});
    check_action(agi::Verbose(a), {a});
    check_action(agi::SpeechLoadGrammar(a, b), {a, b});
    check_action(agi::SendText(a), {a});
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Input input(data, size);
    const std::size_t limits[] = {
        agi::CommandLine::kSmallBuffer, agi::CommandLine::kLargeBuffer, 1 + input.number(255)};
    const auto limit = limits[input.number(2)];
    switch (input.number(2)) {
    case 0:
        check_raw(input, limit);
        break;
    case 1:
        check_arguments(input, limit);
        break;
    default:
        check_actions(input);
        break;
    }
    return 0;
}
