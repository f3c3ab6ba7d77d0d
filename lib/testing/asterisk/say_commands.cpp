// SPDX-License-Identifier: MIT
// The SAY family: what is said is only its length here; keys among the escape digits end it.

#include "testing/asterisk/asterisk_parsing.hpp"
#include "testing/asterisk/command_handlers.hpp"
#include "testing/asterisk/playing_sound.hpp"

#include <chrono>
#include <cstddef>

namespace costrix::inline COSTRIX_ABI::testing::detail {

namespace {

using namespace std::chrono_literals;

// Roughly what one piece of a date or time takes.
constexpr Time kSpokenPiece = 745ms;

class Say final : public RunningCommand {
public:
    Say(CallState& call, Time length, std::string escape)
        : RunningCommand(call), escape_(std::move(escape)) {
        wait(length);
    }

    void expire() override { end(CommandEnd::result(0)); }
    void key(char key) override {
        if (escapes(escape_, key))
            end(CommandEnd::result(key));
    }

private:
    std::string escape_;
};

// The sound files of what is to be said: their length, and whether one is missing.
class Files {
public:
    explicit Files(CallState& call) : call_(&call) {}

    void add(const std::string& name) {
        const auto length = call_->sound(name);
        if (!length && !missing_)
            call_->log(EventKind::missing_sound, name);
        missing_ = missing_ || !length;
        length_ += length.value_or(Time{});
    }
    void add(Time length) { length_ += length; }

    // The file for one character of SAY DIGITS; what has none is skipped.
    void add_digit(char c) {
        if (c >= '0' && c <= '9')
            add(std::string("digits/") + c);
        else if (c == '*' || c == '#' || c == '-')
            add(c == '*' ? "digits/star" : c == '#' ? "digits/pound" : "digits/minus");
    }

    // The files for one character of SAY ALPHA, its case announced if that is asked for.
    void add_letter(char c, char sensitivity) {
        const bool upper = c >= 'A' && c <= 'Z';
        const bool lower_case = c >= 'a' && c <= 'z';
        if (c == '*') {
            add("letters/asterisk");
        } else if (!upper && !lower_case) {
            add_digit(c);
        } else {
            if (sensitivity == 'a' || sensitivity == (upper ? 'u' : 'l'))
                add(upper ? "letters/uppercase" : "letters/lowercase");
            add(std::string("letters/") + lower(std::string_view(&c, 1)));
        }
    }

    void add_phonetic(char c) {
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
            add(std::string("phonetic/") + c + "_p");
    }

    // The English files of a number, as say.c lines them up.
    void add_number(long value) {
        struct Scale {
            long size;
            const char* file;
        };
        constexpr Scale scales[] = {
            {1000000000, "digits/billion"},
            {1000000, "digits/million"},
            {1000, "digits/thousand"},
            {100, "digits/hundred"}};
        if (value < 0) {
            add("digits/minus");
            value = -value;
        }
        bool said = false;
        for (const auto& scale : scales) {
            if (value >= scale.size) {
                add_number(value / scale.size);
                add(scale.file);
                value %= scale.size;
                said = true;
            }
        }
        add_small_number(value, said);
    }

    Time length() const { return length_; }
    bool missing() const { return missing_; }

private:
    void add_small_number(long value, bool said) {
        if (value > 20) {
            add("digits/" + std::to_string(value / 10 * 10));
            value %= 10;
            said = true;
        }
        if (value > 0 || !said)
            add("digits/" + std::to_string(value));
    }

    CallState* call_;
    Time length_{};
    bool missing_ = false;
};

Outcome
say(CallState& call, const std::string& what, const Files& files, const std::string& escape) {
    if (files.missing())
        return CommandEnd::result(-1).as_failure();
    if (files.length() == Time{})
        return CommandEnd::result(0);
    call.log(EventKind::said, what, files.length());
    call.respond_to(what);
    call.audio().caller().prompt_begins(files.length());
    return std::make_unique<Say>(call, files.length(), escape);
}

// A format's letters, and its 'quoted' files.
void add_format(Files& files, const std::string& format) {
    for (std::size_t i = 0; i < format.size(); ++i) {
        if (format[i] == '\'') {
            const auto close = std::min(format.find('\'', i + 1), format.size());
            files.add(format.substr(i + 1, close - i - 1));
            i = close;
        } else if (format[i] != ' ') {
            files.add(kSpokenPiece);
        }
    }
}

// SAY DATE, SAY TIME: a number of seconds since 1970.
Outcome say_moment(CallState& call, const Words& words, Time length) {
    if (words.size() != 4 || !scan_int(words[2]))
        return CommandEnd::usage();
    Files files(call);
    files.add(length);
    return say(call, words[2], files, words[3]);
}

}  // namespace

Outcome say_alpha(CallState& call, const Words& words) {
    if (words.size() < 4 || words.size() > 5)
        return CommandEnd::usage();
    char sensitivity = 'n';
    if (words.size() == 5) {
        const auto given = lower(words[4]);
        sensitivity = given.empty() ? ' ' : given.front();
        if (!escapes("alnu", sensitivity))
            return CommandEnd::usage();
    }
    Files files(call);
    for (const char c : words[2])
        files.add_letter(c, sensitivity);
    return say(call, words[2], files, words[3]);
}

Outcome say_digits(CallState& call, const Words& words) {
    if (words.size() != 4 || !scan_int(words[2]))
        return CommandEnd::usage();
    Files files(call);
    for (const char c : words[2])
        files.add_digit(c);
    return say(call, words[2], files, words[3]);
}

Outcome say_number(CallState& call, const Words& words) {
    const bool counted = words.size() >= 4 && words.size() <= 5;
    const auto value = counted ? scan_int(words[2]) : std::nullopt;
    if (!value)
        return CommandEnd::usage();
    Files files(call);
    files.add_number(*value);
    return say(call, words[2], files, words[3]);
}

Outcome say_phonetic(CallState& call, const Words& words) {
    if (words.size() != 4)
        return CommandEnd::usage();
    Files files(call);
    for (const char c : lower(words[2]))
        files.add_phonetic(c);
    return say(call, words[2], files, words[3]);
}

Outcome say_date(CallState& call, const Words& words) {
    return say_moment(call, words, 7450ms);
}

Outcome say_time(CallState& call, const Words& words) {
    return say_moment(call, words, 2740ms);
}

Outcome say_datetime(CallState& call, const Words& words) {
    if (words.size() < 4 || words.size() > 6 || !scan_int(words[2]))
        return CommandEnd::usage();
    Files files(call);
    add_format(files, words.size() > 4 ? words[4] : "ABdY 'digits/at' IMp");
    return say(call, words[2], files, words[3]);
}

}  // namespace costrix::inline COSTRIX_ABI::testing::detail
