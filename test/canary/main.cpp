// SPDX-License-Identifier: MIT
// Tries every form of a co_await expression, each in a process of its own since it may crash, and
// compares what happens with the table in docs/compilers.md, whose path is the argument.
#include "canary/forms.hpp"

#include <costrix/testing/run_call.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <fstream>
#include <iostream>
#include <map>
#include <new>
#include <string>
#include <string_view>
#include <vector>

// Memory with a mark in front of it, which says whether it is still in use. It is never used again,
// so that what happens is the same each time.
namespace {

constexpr std::size_t kInUse = 0x1234567887654321;
constexpr std::size_t kMark = 16;
enum Exit : int { exit_sound, exit_wrong, exit_freed_twice };

void* allocate(std::size_t size) {
    auto* block = static_cast<char*>(std::malloc(size + kMark));
    if (block == nullptr)
        throw std::bad_alloc();
    std::memcpy(block, &kInUse, sizeof kInUse);
    return block + kMark;
}

void release(void* memory, std::size_t size) {
    if (memory == nullptr)
        return;
    auto* block = static_cast<char*>(memory) - kMark;
    if (std::memcmp(block, &kInUse, sizeof kInUse) != 0)
        _exit(exit_freed_twice);
    std::memset(block, 0xdd, size + kMark);
}

}  // namespace

void* operator new(std::size_t size) {
    return allocate(size);
}
void operator delete(void* memory) noexcept {
    release(memory, 0);
}
void operator delete(void* memory, std::size_t size) noexcept {
    release(memory, size);
}

namespace costrix::test {
namespace {

std::string commands_of(const Form& form) {
    testing::Scenario scenario("x");
    scenario.variable(kA, kYes).variable(kB, kYes).any_sound(std::chrono::seconds(1));
    const auto asterisk = testing::run_call(scenario, [&form](agi::AGI& call, const agi::Request&) {
        return form.flow(call, false);
    });
    std::string commands;
    for (const auto& line : asterisk.texts(testing::EventKind::command))
        commands += line[line.find('"') + 1];
    return commands;
}

/// What the form does, in a word of the table's.
std::string attempt(const Form& form) {
    std::cout.flush();
    const auto child = fork();
    if (child == 0) {
        alarm(10);
        const auto commands = commands_of(form);
        if (commands != form.sends)
            std::cerr << form.code << " sends " << commands << ", not " << form.sends << '\n';
        _exit(commands == form.sends ? exit_sound : exit_wrong);
    }
    int status = 0;
    waitpid(child, &status, 0);
    if (WIFEXITED(status) && WEXITSTATUS(status) == exit_sound)
        return "sound";
    return WIFEXITED(status) && WEXITSTATUS(status) == exit_wrong ? "wrong" : "crash";
}

/// The column that is the compiler's, newest first; empty if the table has none.
std::string column(const std::vector<std::string>& titles) {
#ifdef __clang__
    const std::string family = "Clang ";
    const int major = __clang_major__, minor = __clang_minor__;
#else
    const std::string family = "GCC ";
    const int major = __GNUC__, minor = __GNUC_MINOR__;
#endif
    const auto whole = family + std::to_string(major);
    for (const auto& title : {whole + "." + std::to_string(minor), whole}) {
        if (std::ranges::find(titles, title) != titles.end())
            return title;
    }
    std::cout << "docs/compilers.md does not know " << whole << '.' << minor << '\n';
    return "";
}

std::vector<std::string> cells(const std::string& line) {
    std::vector<std::string> found;
    for (std::size_t at = 0, end = 0; at != std::string::npos; at = end) {
        end = line.find(" | ", at == 0 ? 0 : at + 3);
        auto cell = line.substr(at == 0 ? 2 : at + 3, end - (at == 0 ? 2 : at + 3));
        std::erase(cell, '\\');  // before a | that is none of the table's
        if (end == std::string::npos && cell.ends_with(" |"))
            cell.resize(cell.size() - 2);
        found.push_back(std::move(cell));
    }
    return found;
}

/// The table: what the compiler of this program makes of each form.
std::map<std::string, std::string> documented(const char* file) {
    std::ifstream input(file);
    std::vector<std::string> titles;
    std::map<std::string, std::string> found;
    std::size_t which = 0;
    for (std::string line; std::getline(input, line);) {
        if (line.starts_with("| form | ")) {
            titles = cells(line);
            const auto at = std::ranges::find(titles, column(titles));
            which = static_cast<std::size_t>(at - titles.begin());
        } else if (line.starts_with("| `") && !titles.empty()) {
            const auto row = cells(line);
            found[row[0].substr(1, row[0].size() - 2)] = which < row.size() ? row[which] : "sound";
        }
    }
    return found;
}

int compare(const std::map<std::string, std::string>& table) {
    int wrong = 0;
    std::size_t count = 0;
    for (const auto& forms : {condition_forms(), choice_forms(), operand_forms()}) {
        for (const auto& form : forms) {
            const auto seen = attempt(form);
            const auto row = table.find(std::string(form.code));
            const auto expected = row == table.end() ? "not in the table" : row->second;
            wrong += seen == expected ? 0 : 1;
            ++count;
            std::cout << (seen == expected ? "  " : "! ") << seen << '\t' << form.code;
            std::cout << (seen == expected ? "" : "   documented: " + expected) << '\n';
        }
    }
    if (count != table.size())
        std::cout << "! the table has " << table.size() << " forms, tried are " << count << '\n';
    return wrong == 0 && count == table.size() ? 0 : 1;
}

}  // namespace
}  // namespace costrix::test

int main(int argc, char** argv) {
    using namespace costrix::test;
    return compare(argc > 1 ? documented(argv[1]) : std::map<std::string, std::string>());
}
