// SPDX-License-Identifier: MIT
// Dependencies between the folders go one way, and public headers are light.
#include <costrix/agi/protocol/command_table.hpp>

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

const fs::path kTop = COSTRIX_SOURCE_DIR;

/// The files with C++ in them below a folder.
std::vector<fs::path> sources(const std::string& folder) {
    std::vector<fs::path> found;
    for (const auto& entry : fs::recursive_directory_iterator(kTop / folder)) {
        const auto extension = entry.path().extension();
        if (extension == ".hpp" || extension == ".cpp")
            found.push_back(fs::relative(entry.path(), kTop));
    }
    EXPECT_FALSE(found.empty()) << folder;
    return found;
}

std::vector<std::string> lines(const fs::path& file) {
    std::ifstream input(kTop / file);
    std::vector<std::string> all;
    for (std::string line; std::getline(input, line);)
        all.push_back(line);
    return all;
}

std::vector<std::string> includes(const fs::path& file) {
    static const std::regex pattern(R"(\s*#\s*include\s*[<"]([^>"]+)[>"].*)");
    std::vector<std::string> all;
    std::smatch match;
    for (const auto& line : lines(file)) {
        if (std::regex_match(line, match, pattern))
            all.push_back(match[1]);
    }
    return all;
}

/// The layer of a file or of what an #include names; empty for what is not ours.
std::string layer(const std::string& path) {
    static const std::vector<std::pair<std::regex, std::string>> table = [] {
        const std::pair<const char*, const char*> rows[] = {
            {".*costrix/agi/protocol/.*|(lib/)?protocol/.*", "protocol"},
            {".*costrix/(asio|agi/detail/co_spawn_fix)\\.hpp", "asio"},
            {".*costrix/agi/detail/operation\\.hpp|(lib/)?dialogue/.*", "dialogue"},
            {".*costrix/agi/detail/(asio_)?transport\\.hpp|(lib/)?(transport|platform/linux/epoll)/"
             ".*",
             "transport"},
            {".*costrix/agi/detail/stream_call\\.hpp", "server"},
            {"(lib/)?platform/.*", "platform"},
            {".*costrix/agi/(agi|action|call_outcome|concurrency|exceptions|observer|result|detail/"
             ".*)\\.hpp|(lib/"
             ")?session/.*",
             "session"},
            {"(lib/)?call/.*", "call"},
            {".*costrix/agi/(audio_(frame|line|options)|play|record|sound|talk)\\.hpp|(lib/)?audio/"
             ".*",
             "audio"},
            {".*costrix/agi/actions/.*|(lib/)?actions/.*", "actions"},
            {".*costrix/agi/applications(/.*|\\.hpp)|(lib/)?applications/.*", "applications"},
            {".*costrix/agi/flows(/.*|\\.hpp)|(lib/)?flows/.*", "flows"},
            {".*costrix/agi/audio_server\\.hpp|(lib/)?audio_server/.*", "audio_server"},
            {".*costrix/agi/(router|request|script_handler)\\.hpp|(lib/)?router/.*", "router"},
            {".*costrix/agi/recording\\.hpp|(lib/)?recording/.*", "recording"},
            {".*costrix/agi/"
             "(admission|call_result|fast_agi_server|run_server|serve_call|server_.*)\\.hpp|(lib/"
             ")?server/.*",
             "server"},
            {".*costrix/agi/(script|script_runner|blocking_agi|audio_stream)\\.hpp|(lib/)?script/"
             ".*",
             "script"},
            {".*costrix/ops/.*|(lib/)?ops/.*", "ops"},
            {".*costrix/otel/.*|(lib/)?otel/.*", "otel"},
            {".*costrix/testing/.*|(lib/)?testing/.*", "testing"},
            {".*costrix/version\\.hpp|lib/version\\.cpp", "version"},
            {".*costrix/agi\\.hpp", "umbrella"},
            {"(lib/)?lint/.*", "lint"},
            {"(lib/)?tool/.*", "tool"},
            {"samples/.*", "samples"},
        };
        std::vector<std::pair<std::regex, std::string>> compiled;
        for (const auto& [pattern, name] : rows)
            compiled.emplace_back(pattern, name);
        return compiled;
    }();
    for (const auto& [pattern, name] : table) {
        if (std::regex_match(path, pattern))
            return name;
    }
    return "";
}

/// What each layer may include, itself aside.
const std::map<std::string, std::set<std::string>> kAllowed{
    {"asio", {}},
    {"protocol", {}},
    {"dialogue", {"protocol"}},
    {"platform", {"asio"}},
    {"transport", {"asio", "protocol", "platform"}},
    {"session", {"asio", "protocol", "dialogue", "transport"}},
    {"actions", {"protocol", "session"}},
    {"applications", {"asio", "protocol", "session", "actions"}},
    {"flows", {"asio", "protocol", "session", "actions", "router"}},
    {"router", {"asio", "protocol"}},
    {"recording", {"asio", "protocol", "session", "router"}},
    {"call", {"asio", "protocol", "dialogue", "transport", "session", "router"}},
    {"server",
     {"asio",
      "protocol",
      "dialogue",
      "platform",
      "transport",
      "session",
      "router",
      "call",
      "recording"}},
    {"audio", {"asio", "protocol", "dialogue", "platform", "transport", "session", "actions"}},
    {"audio_server",
     {"asio",
      "protocol",
      "dialogue",
      "platform",
      "transport",
      "session",
      "call",
      "audio",
      "server"}},
    {"script",
     {"asio",
      "protocol",
      "dialogue",
      "platform",
      "transport",
      "session",
      "actions",
      "audio",
      "router",
      "call"}},
    {"testing",
     {"asio",
      "protocol",
      "dialogue",
      "platform",
      "transport",
      "session",
      "audio",
      "router",
      "call"}},
    {"ops", {"asio", "protocol", "session", "audio", "router", "server", "version"}},
    {"otel", {"protocol", "session", "router"}},
    {"version", {}},
    {"umbrella",
     {"protocol",
      "session",
      "actions",
      "applications",
      "audio",
      "audio_server",
      "flows",
      "router",
      "server",
      "script",
      "version"}},
    {"lint", {}},
    {"tool", {"asio", "protocol", "platform", "testing", "lint", "version"}},
    {"samples", {"asio", "umbrella", "testing", "ops", "otel"}},
};

/// Actions throw the session's exceptions, and know nothing else of it. costrix::ops and
/// costrix::otel are libraries of their own, which see what users see.
bool excepted(const std::string& from, const std::string& include) {
    if (from == "ops" || from == "otel")
        return !include.starts_with("costrix/");
    return from == "actions" && layer(include) == "session" &&
           include != "costrix/agi/exceptions.hpp";
}

TEST(Layers, DependOneWay) {
    for (const std::string folder : {"include", "lib", "samples"}) {
        for (const auto& file : sources(folder)) {
            const auto from = layer(file.string());
            ASSERT_NE(from, "") << file << " belongs to no layer: add it to the table here";
            for (const auto& include : includes(file)) {
                if (include == "costrix/agi/detail/config.hpp")
                    continue;
                const auto to = layer(include);
                if (to.empty() || to == from)
                    continue;
                EXPECT_TRUE(kAllowed.at(from).contains(to) && !excepted(from, include))
                    << file << " (" << from << ") includes " << include << " (" << to << ")";
            }
        }
    }
}

/// docs/images/layers.svg: each layer's row, counted from the top of the drawing.
std::map<std::string, int> drawn_rows() {
    static const std::regex pattern(R"re(.*<rect data-layer="(\w+)".* y="(\d+)".*)re");
    std::map<std::string, int> rows;
    std::smatch match;
    for (const auto& line : lines("docs/images/layers.svg")) {
        if (std::regex_match(line, match, pattern))
            rows[match[1]] = std::stoi(match[2]);
    }
    return rows;
}

TEST(Layers, AreDrawnAboveWhatTheyInclude) {
    const std::set<std::string> undrawn{"asio", "version", "umbrella", "lint", "samples"};
    const auto rows = drawn_rows();
    for (const auto& [layer, below] : kAllowed) {
        if (undrawn.contains(layer))
            continue;
        ASSERT_TRUE(rows.contains(layer)) << layer << " is not in the drawing";
        for (const auto& other : below) {
            if (!undrawn.contains(other)) {
                EXPECT_LT(rows.at(layer), rows.at(other)) << layer << " is not above " << other;
            }
        }
    }
}

TEST(Layers, KeepProtocolAndDialogueFreeOfInputAndOutput) {
    const std::regex forbidden(
        R"(asio.*|spdlog.*|boost/(?!intrusive).*|sys/.*|unistd\.h|iostream|thread|mutex)"
    );
    for (const std::string folder :
         {"include/costrix/agi/protocol", "lib/protocol", "lib/dialogue"}) {
        for (const auto& file : sources(folder)) {
            for (const auto& include : includes(file))
                EXPECT_FALSE(std::regex_match(include, forbidden)) << file << ": " << include;
        }
    }
}

TEST(Headers, AreLight) {
    const std::set<std::string> heavy{
        "asio.hpp", "spdlog/spdlog.h", "boost/regex.hpp", "iostream", "regex"};
    for (const auto& file : sources("include")) {
        for (const auto& include : includes(file))
            EXPECT_FALSE(heavy.contains(include)) << file << " includes " << include;
    }
}

/// What says that C++20 is needed does so before anything that needs it.
TEST(Headers, SayFirstThatTheyNeedCxx20) {
    const std::string check = "costrix/agi/detail/config.hpp";
    for (const auto& file : sources("include")) {
        if (file.filename() == "config.hpp")
            continue;
        EXPECT_EQ(includes(file).front(), check) << file;
    }
}

/// So that one macro decides between standalone Asio and Boost.Asio.
TEST(Asio, IsIncludedInOnePlace) {
    for (const std::string folder : {"include", "lib"}) {
        for (const auto& file : sources(folder)) {
            if (file == "include/costrix/asio.hpp" || file.filename() == "co_spawn_fix.hpp")
                continue;
            for (const auto& include : includes(file))
                EXPECT_FALSE(include.starts_with("asio/") || include.starts_with("boost/asio"))
                    << file << " includes " << include;
        }
    }
}

/// What is compiled for one Asio must not link with what is compiled for the other.
TEST(Namespaces, SayWhichAsioTheyAreFor) {
    static const std::regex bare(R"(namespace costrix(::(agi|testing).*)? \{)");
    for (const std::string folder : {"include", "lib"}) {
        for (const auto& file : sources(folder)) {
            const bool exempt =
                file == "include/costrix/asio.hpp" || layer(file.string()) == "tool";
            for (const auto& line : lines(file))
                EXPECT_TRUE(exempt || !std::regex_match(line, bare)) << file << ": " << line;
        }
    }
}

TEST(Files, BeginWithTheLicenceAndWhatTheyAreFor) {
    for (const std::string folder : {"include", "lib", "samples", "test"}) {
        for (const auto& file : sources(folder)) {
            const auto text = lines(file);
            ASSERT_GE(text.size(), 2U) << file;
            EXPECT_EQ(text[0], "// SPDX-License-Identifier: MIT") << file;
            EXPECT_TRUE(text[1].starts_with("// ")) << file;
        }
    }
}

TEST(Files, AreShort) {
    for (const auto& file : sources("include"))
        EXPECT_LE(lines(file).size(), 250U) << file << ": a header past that asks to be split";
    for (const auto& file : sources("lib"))
        EXPECT_LE(lines(file).size(), 300U) << file;
    for (const auto& file : sources("samples")) {
        const bool back_end = file.parent_path().filename() == "back_ends";
        EXPECT_LE(lines(file).size(), back_end ? 180U : 70U) << file << ": a sample adds one idea";
    }
}

TEST(Commands, AreAllDocumented) {
    std::map<std::string, std::vector<std::string>> rows;  // by command
    for (const auto& line : lines("docs/commands.md")) {
        std::vector<std::string> cells;
        std::istringstream cut(line);
        for (std::string cell; std::getline(cut, cell, '|');) {
            const auto begin = cell.find_first_not_of(' ');
            cells.push_back(
                begin == std::string::npos
                    ? ""
                    : cell.substr(begin, cell.find_last_not_of(' ') - begin + 1)
            );
        }
        if (cells.size() == 7)
            rows[cells[1]] = cells;
    }
    std::string headers;
    for (const auto& file : sources("include/costrix/agi/actions")) {
        for (const auto& line : lines(file))
            headers += line + "\n";
    }
    for (const auto& entry : costrix::agi::kCommandTable) {
        const std::string name(entry.name);
        ASSERT_TRUE(rows.contains(name)) << name;
        EXPECT_EQ(rows[name][6], entry.traits.dead ? "yes" : "no") << name;
        const auto& action = rows[name][2];
        const auto at = headers.find("class " + action.substr(1, action.size() - 2) + " ");
        ASSERT_NE(at, std::string::npos) << action;
        // The first command named behind the class is its own.
        const auto command = headers.find("command = \"", at) + 11;
        EXPECT_EQ(headers.substr(command, headers.find('"', command) - command), name) << action;
    }
}

/// The default of an option as the documents write it.
std::string documented(const std::string& initializer) {
    static const std::regex seconds(R"(std::chrono::seconds\((\d+)\))");
    std::smatch match;
    if (std::regex_match(initializer, match, seconds))
        return match[1].str() + " s";
    return initializer == "std::nullopt" || initializer == "nullptr" ? "" : initializer;
}

TEST(Security, ListsEveryLimitWithItsDefaultAndItsCounter) {
    const std::regex option(R"(    \S.* (max_\w+|\w+_timeout|admission) = (.*);)");
    const std::regex counter(R"(    std::uint64_t (\w+) = 0;.*)");
    const std::regex row(R"(\| `(\w+)` \| (.*?) \| .* \| `(\w+)` \|)");
    std::map<std::string, std::string> defaults, counters;
    std::smatch match;
    for (const auto& line : lines("docs/security.md")) {
        if (std::regex_match(line, match, row)) {
            defaults[match[1]] = match[2];
            counters[match[1]] = match[3];
        }
    }
    std::set<std::string> counted;
    for (const auto& line : lines("include/costrix/agi/server_counters.hpp")) {
        if (std::regex_match(line, match, counter))
            counted.insert(match[1]);
    }
    int options = 0;
    for (const auto& line : lines("include/costrix/agi/server_options.hpp")) {
        if (!std::regex_match(line, match, option))
            continue;
        ++options;
        ASSERT_TRUE(defaults.contains(match[1])) << match[1] << " is not in docs/security.md";
        EXPECT_TRUE(defaults[match[1]].starts_with(documented(match[2])))
            << match[1] << " is documented as " << defaults[match[1]];
        if (match[2] == "std::nullopt" && match[1] != "max_sessions") {
            EXPECT_EQ(defaults[match[1]], "none") << match[1];
        }
    }
    EXPECT_GE(options, 18);
    for (const auto& [name, its_counter] : counters)
        EXPECT_TRUE(counted.contains(its_counter)) << name << ": " << its_counter;
}

TEST(Readme, ShowsAProgramThatCompiles) {
    std::string shown, sample;
    bool inside = false;
    for (const auto& line : lines("README.md")) {
        if (line.starts_with("```")) {
            if (inside)
                break;
            inside = line == "```cpp";
        } else if (inside) {
            shown += line + "\n";
        }
    }
    const auto text = lines("samples/support.cpp");
    for (std::size_t i = 2; i < text.size(); ++i)  // without the prologue
        sample += text[i] + "\n";
    EXPECT_EQ(shown, sample);
}

}  // namespace
