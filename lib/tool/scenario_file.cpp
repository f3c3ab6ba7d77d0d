// SPDX-License-Identifier: MIT
// Files of options: `--scenario FILE` on the command line.
#include "tool/scenario_file.hpp"

#include <fstream>
#include <stdexcept>

namespace costrix::tool {
namespace {

constexpr const char* kBlanks = " \t\r";

std::string trimmed(const std::string& text) {
    const auto begin = text.find_first_not_of(kBlanks);
    return begin == std::string::npos
               ? ""
               : text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

void append_file(const std::string& name, std::vector<std::string>& arguments) {
    std::ifstream file(name);
    if (!file)
        throw std::runtime_error("cannot read the scenario " + name);
    for (std::string line; std::getline(file, line);) {
        line = trimmed(line);
        if (line.empty() || line.front() == '#')
            continue;
        const auto blank = std::min(line.find_first_of(kBlanks), line.size());
        if (line.substr(0, blank) == "scenario")
            throw std::runtime_error(name + ": a scenario file cannot name another one");
        arguments.push_back("--" + line.substr(0, blank));
        if (const auto value = trimmed(line.substr(blank)); !value.empty())
            arguments.push_back(value);
    }
    if (file.bad())  // a directory, for one
        throw std::runtime_error("cannot read the scenario " + name);
}

}  // namespace

std::vector<std::string> with_scenario_files(const std::vector<std::string>& arguments) {
    constexpr std::string_view option = "--scenario";
    std::vector<std::string> all;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const auto& argument = arguments[i];
        if (argument == option && i + 1 < arguments.size())
            append_file(arguments[++i], all);
        else if (argument.starts_with(std::string(option) + "="))
            append_file(argument.substr(option.size() + 1), all);
        else
            all.push_back(argument);
    }
    return all;
}

}  // namespace costrix::tool
