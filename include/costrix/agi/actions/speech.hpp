// SPDX-License-Identifier: MIT
// Actions on speech recognition, for channels with a speech engine (res_speech).
#pragma once

#include <costrix/agi/detail/cxx20.hpp>
#include <costrix/agi/protocol/command_line.hpp>
#include <costrix/agi/protocol/reply.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace costrix::agi {

/// Creates the channel's speech object (SPEECH CREATE).
///
/// Throws: AGIAppError when there is no such engine.
class SpeechCreate {
public:
    static constexpr std::string_view command = "SPEECH CREATE";

    /// With the default engine.
    SpeechCreate() noexcept {}
    explicit SpeechCreate(std::string engine) : engine_(std::move(engine)) {}
    void encode(CommandLine& line) const;
    static void parse(const Reply& reply);

private:
    std::string engine_;
};

/// Destroys the channel's speech object (SPEECH DESTROY).
///
/// Throws: AGIAppError when there is none.
class SpeechDestroy {
public:
    static constexpr std::string_view command = "SPEECH DESTROY";

    SpeechDestroy() noexcept {}
    void encode(CommandLine&) const {}
    static void parse(const Reply& reply);
};

/// Sets a property of the speech engine (SPEECH SET).
///
/// Throws: AGIAppError when there is no speech object, or the engine refuses.
class SpeechSet {
public:
    static constexpr std::string_view command = "SPEECH SET";

    SpeechSet(std::string name, std::string value)
        : name_(std::move(name)), value_(std::move(value)) {}
    void encode(CommandLine& line) const;
    static void parse(const Reply& reply);

private:
    std::string name_;
    std::string value_;
};

/// Loads a grammar (SPEECH LOAD GRAMMAR).
///
/// Throws: AGIAppError when there is no speech object, or the engine refuses.
class SpeechLoadGrammar {
public:
    static constexpr std::string_view command = "SPEECH LOAD GRAMMAR";

    SpeechLoadGrammar(std::string name, std::string path)
        : name_(std::move(name)), path_(std::move(path)) {}
    void encode(CommandLine& line) const;
    static void parse(const Reply& reply);

private:
    std::string name_;
    std::string path_;
};

/// Unloads a grammar (SPEECH UNLOAD GRAMMAR).
///
/// Throws: AGIAppError when there is no speech object, or the engine refuses.
class SpeechUnloadGrammar {
public:
    static constexpr std::string_view command = "SPEECH UNLOAD GRAMMAR";

    explicit SpeechUnloadGrammar(std::string name) : name_(std::move(name)) {}
    void encode(CommandLine& line) const;
    static void parse(const Reply& reply);

private:
    std::string name_;
};

/// Activates a grammar (SPEECH ACTIVATE GRAMMAR).
///
/// Throws: AGIAppError when there is no speech object, or the engine refuses.
class SpeechActivateGrammar {
public:
    static constexpr std::string_view command = "SPEECH ACTIVATE GRAMMAR";

    explicit SpeechActivateGrammar(std::string name) : name_(std::move(name)) {}
    void encode(CommandLine& line) const;
    static void parse(const Reply& reply);

private:
    std::string name_;
};

/// Deactivates a grammar (SPEECH DEACTIVATE GRAMMAR).
///
/// Throws: AGIAppError when there is no speech object, or the engine refuses.
class SpeechDeactivateGrammar {
public:
    static constexpr std::string_view command = "SPEECH DEACTIVATE GRAMMAR";

    explicit SpeechDeactivateGrammar(std::string name) : name_(std::move(name)) {}
    void encode(CommandLine& line) const;
    static void parse(const Reply& reply);

private:
    std::string name_;
};

/// Plays a prompt and recognizes what the caller says (SPEECH RECOGNIZE).
///
/// Any key ends it. Asterisk does not report a missing prompt, and it sends what was heard as the
/// engine wrote it, unescaped, 4,095 bytes for all results together. With an engine whose texts can
/// hold `"` or a newline, do not rely on `grammar` when there are several results; a newline ends
/// the reply, and a text with a line `HANGUP` in it makes AGI::hung_up() true.
/// Throws: AGIAppError when there is no speech object.
class SpeechRecognize {
public:
    static constexpr std::string_view command = "SPEECH RECOGNIZE";

    /// Why it ended.
    enum class End : std::uint8_t { speech, key, time_out, hangup };

    /// One thing that the caller may have said.
    struct Heard {
        int score = 0;  ///< The engine's own measure of certainty, mostly 0 to 1,000.
        std::string text;
        std::string grammar;
    };

    struct Result {
        End end = End::time_out;
        std::vector<Heard> heard;  ///< Highest score first.
        std::optional<char> key;
        /// Where the engine stopped the prompt, in samples; 0 when it did not, which is usual.
        std::int64_t endpos = 0;
    };

    /// The prompt (see StreamFile), and how long to wait after it, in whole seconds: 1 to
    /// 2,147,483,647.
    SpeechRecognize(std::string prompt, std::chrono::seconds timeout)
        : prompt_(std::move(prompt)), timeout_(timeout) {}
    /// Where the prompt begins, in samples: 0 to 2,147,483,647.
    SpeechRecognize& offset(std::int64_t samples) noexcept {
        offset_ = samples;
        return *this;
    }
    void encode(CommandLine& line) const;
    static Result parse(const Reply& reply);

private:
    std::string prompt_;
    std::chrono::seconds timeout_;
    std::int64_t offset_ = 0;
};

}  // namespace costrix::agi
