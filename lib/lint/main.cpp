// SPDX-License-Identifier: MIT
// What costrix_check_coroutines() has CMake start in front of the compiler:
// costrix_lint GCC_VERSION COMPILER ARGUMENT... -c FILE checks FILE, then becomes the compiler.
#include "lint/coroutine_check.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <iostream>
#include <string>
#include <string_view>

int main(int argc, char** argv) {
    if (argc < 3) {
        std::cerr << "usage: costrix_lint GCC_VERSION COMPILER ARGUMENT...\n";
        return 2;
    }
    try {
        std::string report;
        for (int i = 2; i + 1 < argc; ++i) {
            if (std::string_view(argv[i]) == "-c")
                costrix::lint::check_file(argv[i + 1], report, std::atoi(argv[1]));
        }
        if (!report.empty()) {
            std::cerr
                << report
                << "note: this is sound C++, but GCC makes it crash, or run what it must not: "
                   "see Costrix' docs/compilers.md.\n"
                   "note: // NOLINT(costrix) excuses a line, -D COSTRIX_CHECK_COROUTINES=OFF "
                   "turns the check off.\n";
            return 1;
        }
    } catch (const std::exception&) {
        // A file that cannot be read: the compiler will say so.
    }
    execvp(argv[2], argv + 2);
    std::cerr << "costrix_lint: " << argv[2] << ": " << std::strerror(errno) << '\n';
    return 2;
}
