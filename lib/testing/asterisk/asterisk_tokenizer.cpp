// SPDX-License-Identifier: MIT
// Word splitting as in res_agi.c's parse_args, its overrun included (but harmless).

#include <costrix/testing/asterisk_tokenizer.hpp>

namespace costrix::inline COSTRIX_ABI::testing {

namespace {

class Splitter {
public:
    AsteriskWords split(std::string_view line) {
        for (const char c : line.substr(0, line.find('\0')))
            take(c);
        return std::move(result_);
    }

private:
    void take(char c) {
        if (c == '"' && !escaped_) {
            quoted_ = !quoted_;
            if (quoted_ && blank_)
                begin_quoted_word();
        } else if ((c == ' ' || c == '\t') && !quoted_ && !escaped_) {
            blank_ = true;
        } else if (c == '\\' && !escaped_) {
            escaped_ = true;
        } else {
            ordinary(c);
        }
    }

    // Asterisk does not check its array's end here.
    void begin_quoted_word() {
        if (result_.words.size() >= kMaxCommandWords) {
            result_.overrun = true;
            return;
        }
        begin_word();
    }

    void ordinary(char c) {
        if (blank_) {
            if (result_.words.size() >= kMaxCommandWords) {
                result_.truncated = true;  // drops the character, and leaves escaped_ as it is
                return;
            }
            begin_word();
        }
        result_.words.back() += c;
        escaped_ = false;
    }

    void begin_word() {
        result_.words.emplace_back();
        blank_ = false;
    }

    AsteriskWords result_;
    bool quoted_ = false;
    bool escaped_ = false;
    bool blank_ = true;
};

}  // namespace

AsteriskWords split_as_asterisk(std::string_view line) {
    return Splitter().split(line);
}

}  // namespace costrix::inline COSTRIX_ABI::testing
