// SPDX-License-Identifier: MIT
// The arguments of applications and subroutines, as Asterisk takes them apart (app.c:
// __ast_app_separate_args).
#include <costrix/agi/actions/dialplan.hpp>

#include <algorithm>
#include <array>

namespace costrix::agi::detail {
namespace {

using Reading = ArgumentList::Reading;

/// Where in a text Asterisk's parser stands.
struct Nesting {
    int round = 0;
    int square = 0;

    bool open() const noexcept { return round > 0 || square > 0; }
    void take(char byte) noexcept {
        if (byte == '(')
            ++round;
        else if (byte == '[')
            ++square;
        else if (byte == ')')
            round = std::max(round - 1, 0);
        else if (byte == ']')
            square = std::max(square - 1, 0);
    }
};

bool is_bracket(char byte) noexcept {
    return byte == '(' || byte == ')' || byte == '[' || byte == ']';
}

void append_escaped(std::string& text, std::string_view argument) {
    Nesting nesting;
    for (const char byte : argument)
        nesting.take(byte);
    for (const char byte : argument) {
        const bool literal = byte == ',' || byte == '"' || byte == '\\';
        if (literal || (nesting.open() && is_bracket(byte)))
            text += '\\';
        text += byte;
    }
}

/// True when the parser finds no end in it, and nothing open at its end.
bool is_protected(std::string_view argument) noexcept {
    Nesting nesting;
    bool quoted = false;
    for (std::size_t i = 0; i < argument.size(); ++i) {
        const char byte = argument[i];
        if (byte == '\\' && ++i == argument.size())
            return false;
        if (byte == ',' && !quoted && !nesting.open())
            return false;
        quoted = quoted != (byte == '"');
        nesting.take(byte);
    }
    return !quoted && !nesting.open();
}

/// An application that does not read its arguments as most do.
struct Special {
    std::string_view name;  // in lower case
    Reading reading;
    std::size_t first;  // the first argument that is read so
};

// Of Asterisk 22; test/asterisk asks a real one.
constexpr std::array<Special, 15> kSpecial{{
    {"set", Reading::text, 0},
    {"noop", Reading::text, 0},
    {"log", Reading::text, 1},
    {"verbose", Reading::text, 1},
    {"sendtext", Reading::text, 0},
    {"system", Reading::text, 0},
    {"trysystem", Reading::text, 0},
    {"playtones", Reading::text, 0},
    {"goto", Reading::plain, 0},
    {"gotoif", Reading::plain, 0},
    {"gotoiftime", Reading::plain, 0},
    {"gosub", Reading::plain, 0},
    {"gosubif", Reading::plain, 0},
    {"saynumber", Reading::plain, 0},
    {"sayordinal", Reading::plain, 0},
}};

}  // namespace

Reading reading_of(std::string_view application, std::size_t index) noexcept {
    const auto same = [](char a, char b) {
        return a == (b >= 'A' && b <= 'Z' ? static_cast<char>(b - 'A' + 'a') : b);
    };
    const auto found = std::find_if(kSpecial.begin(), kSpecial.end(), [&](const Special& one) {
        return std::equal(
            one.name.begin(), one.name.end(), application.begin(), application.end(), same
        );
    });
    return found == kSpecial.end() || index < found->first ? Reading::standard : found->reading;
}

void ArgumentList::add(std::string_view argument, Reading reading) {
    if (text_)
        *text_ += ',';
    else
        text_.emplace();
    if (reading == Reading::standard) {
        append_escaped(*text_, argument);
        return;
    }
    text_->append(argument);
    const bool comma = reading == Reading::plain && argument.find(',') != argument.npos;
    if (comma && fault_.empty())
        fault_ = "hold a comma, which this application cannot escape (see Exec::raw)";
    if (reading == Reading::protected_ && !is_protected(argument) && fault_.empty())
        fault_ =
            "hold a comma, or quotes or brackets that are not closed: Gosub cannot escape them";
}

void ArgumentList::encode(CommandLine& line) const {
    if (!fault_.empty())
        line.refuse("arguments", fault_);
    if (text_)
        line.argument(*text_, "arguments");
}

}  // namespace costrix::agi::detail
