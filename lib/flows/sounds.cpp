// SPDX-License-Identifier: MIT
// Asks Asterisk for many sound files at once.
#include "protocol/ascii.hpp"

#include <costrix/agi/actions/variables.hpp>
#include <costrix/agi/exceptions.hpp>
#include <costrix/agi/flows/sounds.hpp>
#include <costrix/agi/protocol/command_line.hpp>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace costrix::inline COSTRIX_ABI::agi {
namespace {

/// The formats of Asterisk's sound packages and of its recordings.
constexpr std::array<std::string_view, 9>
    kFormats{"gsm", "wav", "ulaw", "alaw", "g722", "sln16", "sln", "WAV", "g729"};

void check_name(const std::string& file) {
    const bool plain = std::all_of(file.begin(), file.end(), [](char c) {
        return detail::is_alphanumeric(c) ||
               std::string_view("_-./").find(c) != std::string_view::npos;
    });
    if (!plain || file.empty())
        throw std::invalid_argument(
            "missing_sounds: \"" + file + "\" is not made of letters, digits and _ - . / alone"
        );
}

/// An expression that is a row of 0 and 1, one for each format.
std::string question_about(const std::string& file, const std::string& language) {
    const auto folder = language.empty() ? std::string() : language + "/";
    const auto path = file.front() == '/' ? file : "${ASTDATADIR}/sounds/" + folder + file;
    std::string expression;
    for (const auto format : kFormats)
        expression.append("${STAT(e,").append(path).append(".").append(format).append(")}");
    return expression;
}

/// Those of `files` that are not there in one language.
asio::awaitable<std::vector<std::string>>
missing_in(AGI& call, std::vector<std::string> files, std::string language) {
    constexpr std::size_t kRest = 40;  // the command's name and its quotes
    const auto version = call.environment().find("agi_version").value_or("");
    const auto limit = command_limit(version) - kRest;
    std::vector<std::string> missing;
    for (std::size_t next = 0; next < files.size();) {
        const auto begin = next;
        std::string expression;
        while (next < files.size()) {
            const auto more = question_about(files[next], language);
            if (expression.size() + more.size() > limit && next > begin)
                break;
            expression += more;
            ++next;
        }
        const auto found = co_await call.execute(GetFullVariable(expression));
        const auto row = found.value_or("");
        if (row.size() != (next - begin) * kFormats.size())
            throw AGIAppError("Asterisk cannot look for files: it has no STAT (func_env.so)");
        for (auto i = begin; i < next; ++i) {
            const auto formats = row.substr((i - begin) * kFormats.size(), kFormats.size());
            if (formats.find('1') == std::string::npos)
                missing.push_back(files[i]);
        }
    }
    co_return missing;
}

asio::awaitable<std::vector<std::string>>
missing_in_all(AGI& call, std::vector<std::string> files) {
    const std::string language(call.environment().language());
    std::vector<std::string> languages{language};
    if (const auto base = language.find_first_of("_-"); base != std::string::npos)
        languages.push_back(language.substr(0, base));
    if (language != "en")
        languages.emplace_back("en");
    languages.emplace_back();
    for (const auto& one : languages) {
        if (files.empty())
            break;
        auto missing = co_await missing_in(call, files, one);
        files = std::move(missing);
    }
    co_return files;
}

}  // namespace

asio::awaitable<std::vector<std::string>>
missing_sounds(AGI& call, std::vector<std::string> files) {
    for (const auto& file : files)
        check_name(file);
    return missing_in_all(call, std::move(files));
}

}  // namespace costrix::inline COSTRIX_ABI::agi
