// SPDX-License-Identifier: MIT
// A file, and what it includes from beside it.
#include "lint/coroutine_check.hpp"
#include "lint/tokens.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <stdexcept>

namespace costrix::lint {
namespace {

namespace fs = std::filesystem;

int check(const fs::path& file, std::set<fs::path>& seen, std::string& report, int gcc) {
    if (!seen.insert(fs::weakly_canonical(file)).second)
        return 0;
    std::ifstream input(file);
    const std::string source(std::istreambuf_iterator<char>(input), {});
    if (!input.is_open())
        throw std::runtime_error(file.string() + " cannot be read");
    int count = 0;
    for (const auto& include : tokenise(source).includes) {
        const auto beside = file.parent_path() / include;
        if (fs::is_regular_file(beside))
            count += check(beside, seen, report, gcc);
    }
    for (const auto& [line, message] : check_coroutines(source, gcc)) {
        report += file.string() + ":" + std::to_string(line) + ": error: " + message + "\n";
        ++count;
    }
    return count;
}

}  // namespace

int check_file(const std::string& file, std::string& report, int gcc) {
    std::set<fs::path> seen;
    return check(file, seen, report, gcc);
}

}  // namespace costrix::lint
