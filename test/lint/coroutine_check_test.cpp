// SPDX-License-Identifier: MIT
// The check for co_await expressions that GCC miscompiles; our own sources pass it.
#include "lint/coroutine_check.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace costrix::lint {
namespace {

namespace fs = std::filesystem;

/// A statement in a coroutine, and what is said of it; empty for nothing.
struct Case {
    std::string statement;
    std::string said;
};

std::string said_of(const std::string& source, int gcc = 12) {
    std::string all;
    for (const auto& finding : check_coroutines(source, gcc))
        all += std::to_string(finding.line) + ": " + finding.message + "\n";
    return all;
}

TEST(CoroutineCheck, KnowsWhatIsMiscompiled) {
    const std::string condition = "in the condition of ", right = "to the right of ";
    const std::string choice = "inside ?:", object = "?: makes", braces = "braces make";
    const Case cases[] = {
        {"if (co_await f() == \"yes\") g();", condition + "if"},
        {"if (auto n = 1; co_await f()) g();", condition + "if"},
        {"else if (co_await f()) g();", condition + "if"},
        {"while (co_await f()) {}", condition + "while"},
        {"do { g(); } while (co_await f());", condition + "while"},
        {"for (int i = 0; co_await f(); ++i) {}", condition + "for"},
        {"switch (co_await f()) {}", condition + "switch"},
        {"if (x && (co_await f()).has_value()) {}", condition + "if"},
        {"bool v = x && co_await f();", right + "&&"},
        {"g(x || co_await f());", right + "||"},
        {"co_return x and co_await f();", right + "and"},
        {"v = x ? co_await f() : co_await g();", choice},
        {"v.push_back(x ? co_await f() : 0);", choice},
        {"co_await (x ? f() : g());", object},
        {"co_await f(Noop(x ? name : name + \"!\"));", object},
        {"co_await f(x ? \"a\" : name);", object},
        {"co_await f(x ? A(1) : A(2));", object},
        {"co_await f({.name = text});", braces},
        {"struct Own { std::string text; }; co_await f(Own{text});", braces},
        {"co_await run([s] { g(); });", "a lambda with captures"},
        {"co_await run([&, s] { g(); });", "a lambda with captures"},
        {"co_await [s = 1]() -> awaitable<void> { g(); }();", "a lambda with captures"},
        {"auto f = [&]() -> awaitable<void> { if (co_await g()) h(); };", condition + "if"},
    };
    for (const auto& [statement, said] : cases) {
        const auto found = said_of("awaitable<void> flow() {\n" + statement + "\n}\n");
        EXPECT_NE(found.find(said), std::string::npos) << statement << '\n' << found;
        EXPECT_TRUE(found.starts_with("2: ")) << statement << '\n' << found;
    }
    EXPECT_NE(said_of("awaitable<void> f(Options options = {});"), "");
}

TEST(CoroutineCheck, TakesWhatIsSound) {
    const std::string statements[] = {
        "if (auto v = co_await f(); v == 1) g();",
        "if (const auto v = co_await f()) g();",
        "while (const bool more = co_await f()) g();",
        "for (auto&& v : co_await f()) g(v && w);",
        "auto&& v = co_await f();",
        "const bool v = co_await f() && x;",
        "co_await (f() || g());",
        "auto v = co_await f() ? one : other;",
        "co_await f(x ? one : other, x ? 1 : 2, x ? 'a' : b.c);",
        "co_await f(x ? \"a\" : \"b\");",
        "co_await f(Noop{text}, {.number = 2}, {\"host\", port});",
        "co_await [&]() -> awaitable<void> { g(); }();",
        "auto f = [s] { return Options{.name = s}; }; co_await run(std::move(f));",
        "Options o{.name = text}; co_await f(o);",
        "co_await f(\"if (co_await x && y)\"); // if (co_await f())",
        "co_await f(R\"(\" ? x && )\"); /* co_await [s] */",
        "if (co_await f()) g(); // NOLINT(costrix)",
        "int a[] = {1, 2}; if (x && y) co_await f(a[0]);",
    };
    for (const auto& statement : statements) {
        EXPECT_EQ(said_of("awaitable<void> flow() {\n" + statement + "\n}\n"), "") << statement;
    }
    EXPECT_EQ(said_of("#define X if (co_await f())\nint unbalanced( {"), "");
}

TEST(CoroutineCheck, KnowsThatLaterVersionsHaveFewerFaults) {
    const std::string wrong[] = {
        "while (x && co_await f()) {}",
        "g(x && co_await f());",
        "co_return x && co_await f();",
        "v = x ? co_await f() : co_await g();",
        "v.push_back(x ? co_await f() : 0);",
    };
    for (const auto& statement : wrong)
        EXPECT_NE(said_of("void f() {" + statement + "}", 13), "") << statement;
    const std::string sound[] = {
        "if (co_await f()) g();",
        "if (x && co_await f()) g();",
        "const bool v = x && co_await f();",
        "auto v = x ? co_await f() : co_await g();",
        "co_await f(x ? A(1) : A(2));",
        "co_await f({.name = text});",
        "co_await run([s] { g(); });",
    };
    for (const auto& statement : sound)
        EXPECT_EQ(said_of("void f() {" + statement + "}", 13), "") << statement;
}

/// The canary writes unsound forms on purpose.
TEST(CoroutineCheck, HasNothingToSayOfOurSources) {
    for (const std::string folder : {"include", "lib", "samples", "test"}) {
        for (const auto& entry :
             fs::recursive_directory_iterator(fs::path(COSTRIX_SOURCE_DIR) / folder)) {
            const auto& file = entry.path();
            if ((file.extension() != ".hpp" && file.extension() != ".cpp") ||
                file.parent_path().filename() == "canary" ||
                file.filename().string().starts_with("unsound"))
                continue;
            std::string report;
            check_file(file.string(), report);
            EXPECT_EQ(report, "");
        }
    }
}

TEST(CoroutineCheck, HasNothingToSayOfTheDocuments) {
    std::vector<fs::path> documents{fs::path(COSTRIX_SOURCE_DIR) / "README.md"};
    for (const auto& entry : fs::directory_iterator(fs::path(COSTRIX_SOURCE_DIR) / "docs")) {
        if (entry.path().extension() == ".md" && entry.path().filename() != "compilers.md")
            documents.push_back(entry.path());
    }
    for (const auto& document : documents) {
        std::ifstream input(document);
        std::string code;
        for (std::string line, in; std::getline(input, line); code += "\n") {
            if (line.starts_with("```"))
                in = in.empty() ? line : "";
            else if (in == "```cpp")
                code += line;
        }
        EXPECT_EQ(said_of(code), "") << document;
    }
}

}  // namespace
}  // namespace costrix::lint
