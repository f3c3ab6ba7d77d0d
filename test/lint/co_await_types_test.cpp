// SPDX-License-Identifier: MIT
// No public aggregate that owns memory is built in a co_await expression: GCC 12 destroys it twice.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;
using Names = std::set<std::string>;

const fs::path kInclude = fs::path(COSTRIX_SOURCE_DIR) / "include";

std::string without_comments(const std::string& text) {
    return std::regex_replace(text, std::regex("//[^\n]*"), "");
}

std::string read(const fs::path& file) {
    std::ostringstream text;
    text << std::ifstream(file).rdbuf();
    return without_comments(text.str());
}

/// What is between the bracket at `open` and the one that closes it.
std::string enclosed(const std::string& text, std::size_t open, char begin, char end) {
    int depth = 0;
    for (auto at = open; at < text.size(); ++at) {
        depth += text[at] == begin ? 1 : text[at] == end ? -1 : 0;
        if (depth == 0)
            return text.substr(open + 1, at - open - 1);
    }
    return text.substr(open + 1);
}

/// The types that have neither constructors nor private parts, unless a static_assert says that
/// there is nothing to destroy.
Names aggregates(const std::string& text) {
    static const std::regex definition(R"((enum\s+)?\b(?:struct|class)\s+(\w+)[^;{}()=<>]*\{)");
    Names found;
    for (std::sregex_iterator at(text.begin(), text.end(), definition), end; at != end; ++at) {
        if ((*at)[1].matched)
            continue;
        const auto name = (*at)[2].str();
        const auto open = static_cast<std::size_t>(at->position() + at->length()) - 1;
        const auto body = enclosed(text, open, '{', '}');
        const bool made = std::regex_search(body, std::regex("(^|[^~\\w])" + name + "\\s*\\("));
        const bool hidden = std::regex_search(body, std::regex("\\b(private|protected):"));
        const bool empty = body.find_first_not_of(" \n") == std::string::npos;
        const bool trivial =
            text.find("is_trivially_destructible_v<" + name + ">") != std::string::npos;
        if (!made && !hidden && !empty && !trivial)
            found.insert(name);
    }
    return found;
}

/// The types named in the parameters of functions that return an awaitable.
Names awaited(const std::string& text) {
    static const std::regex type(R"(\b[A-Z]\w+)");
    Names found;
    const std::string mark = "awaitable<";
    for (auto at = text.find(mark); at != std::string::npos; at = text.find(mark, at + 1)) {
        const auto result = enclosed(text, at + mark.size() - 1, '<', '>');
        const auto rest = text.substr(at + mark.size() + result.size() + 1);
        std::smatch name;
        static const std::regex function(R"(^\s*[\w:]+\s*(?=\())");
        if (!std::regex_search(rest, name, function))
            continue;
        const auto parameters = enclosed(rest, static_cast<std::size_t>(name.length()), '(', ')');
        found.insert(
            std::sregex_token_iterator(parameters.begin(), parameters.end(), type),
            std::sregex_token_iterator()
        );
    }
    return found;
}

/// The types named in any parentheses: what actions and their setters are made of.
Names named_in_parentheses(const std::string& text) {
    static const std::regex list(R"(\(([^()]*)\))"), type(R"(\b[A-Z]\w+)");
    Names found;
    for (std::sregex_iterator at(text.begin(), text.end(), list), end; at != end; ++at) {
        const auto inside = (*at)[1].str();
        found.insert(
            std::sregex_token_iterator(inside.begin(), inside.end(), type),
            std::sregex_token_iterator()
        );
    }
    return found;
}

TEST(CoAwaitTypes, TellsAggregatesFromClasses) {
    const std::string text = without_comments(R"(
        struct Target { std::string host; int port = 1; };  // Target(nothing)
        class Made { public: Made(std::string host); std::string host; };
        class Hidden { public: int size() const; private: int size_; };
        struct Flags { int timeout; };
        static_assert(std::is_trivially_destructible_v<Flags>);
        struct Tag {};
        enum class Mode { one, other };
        template <class T> struct Pair { T first; std::vector<T> rest() const { return {}; } };
    )");
    EXPECT_EQ(aggregates(text), (Names{"Pair", "Target"}));
}

TEST(CoAwaitTypes, SeesWhatCoroutinesTake) {
    const std::string text = R"(
        using Handler = std::function<asio::awaitable<void>(Call&)>;
        [[nodiscard]] asio::awaitable<std::vector<int>>
        place(Scenario scenario, std::function<void(const Event&)> see = nullptr, Target to = {});
        Result plain(Other other);
    )";
    EXPECT_EQ(awaited(text), (Names{"Event", "Scenario", "Target"}));
}

TEST(CoAwaitTypes, AreNoAggregatesThatOwnMemory) {
    Names risky, taken;
    for (const auto& entry : fs::recursive_directory_iterator(kInclude)) {
        if (entry.path().extension() != ".hpp")
            continue;
        const auto text = read(entry.path());
        risky.merge(aggregates(text));
        if (entry.path().parent_path().filename() != "detail")
            taken.merge(awaited(text));
        if (entry.path().parent_path().filename() == "actions")
            taken.merge(named_in_parentheses(text));
    }
    EXPECT_TRUE(taken.contains("Scenario") && taken.contains("CallTarget"));
    // Results and requests are built by the library.
    risky.erase("Result");
    risky.erase("Request");
    for (const auto& name : taken) {
        EXPECT_FALSE(risky.contains(name))
            << name << ", built in a co_await expression, is destroyed twice by GCC 12: give it a "
            << "constructor, or assert that it is trivially destructible";
    }
}

}  // namespace
