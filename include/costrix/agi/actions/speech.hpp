// SPDX-License-Identifier: MIT
// Actions for speech recognition, on channels with a speech engine (res_speech).
#pragma once

#include <costrix/agi/detail/config.hpp>
#include <costrix/agi/actions/shared.hpp>

#include <vector>

namespace costrix::inline COSTRIX_ABI::agi {

namespace detail {

/// What the SPEECH commands without a result share.
class SpeechAction {
public:
    static void parse(const Reply& reply) {
        fail_unless_one(reply, "there is no speech object, or the engine refused");
    }
};

/// A SPEECH command on a loaded grammar.
class SpeechGrammarAction : public SpeechAction {
public:
    explicit SpeechGrammarAction(std::string name) : name_(std::move(name)) {}
    void encode(CommandLine& line) const { line.argument(name_, "name"); }

private:
    std::string name_;
};

}  // namespace detail

/// Creates the channel's speech object (SPEECH CREATE).
///
/// Throws: AGIAppError when there is no such engine.
class SpeechCreate : public detail::SpeechAction {
public:
    static constexpr std::string_view command = "SPEECH CREATE";

    /// With the default engine.
    SpeechCreate() noexcept {}
    /// An engine by its name.
    explicit SpeechCreate(std::string engine) : engine_(std::move(engine)) {}
    void encode(CommandLine& line) const { line.argument(engine_, "engine"); }

private:
    std::string engine_;
};

/// Destroys the channel's speech object (SPEECH DESTROY).
///
/// Throws: AGIAppError when there is none.
class SpeechDestroy : public detail::SpeechAction {
public:
    static constexpr std::string_view command = "SPEECH DESTROY";

    SpeechDestroy() noexcept {}
    void encode(CommandLine&) const {}
};

/// Sets a property of the speech engine (SPEECH SET).
///
/// Throws: AGIAppError when there is no speech object, or the engine refuses.
class SpeechSet : public detail::SpeechAction {
public:
    static constexpr std::string_view command = "SPEECH SET";

    /// Sets the engine's setting `name` to `value`.
    SpeechSet(std::string name, std::string value)
        : name_(std::move(name)), value_(std::move(value)) {}
    void encode(CommandLine& line) const { line.argument(name_, "name").argument(value_, "value"); }

private:
    std::string name_;
    std::string value_;
};

/// Loads a grammar from a file (SPEECH LOAD GRAMMAR).
///
/// Throws: AGIAppError when there is no speech object, or the engine refuses.
class SpeechLoadGrammar : public detail::SpeechAction {
public:
    static constexpr std::string_view command = "SPEECH LOAD GRAMMAR";

    /// Loads the file `path` as the grammar `name`.
    SpeechLoadGrammar(std::string name, std::string path)
        : name_(std::move(name)), path_(std::move(path)) {}
    void encode(CommandLine& line) const { line.argument(name_, "name").argument(path_, "path"); }

private:
    std::string name_;
    std::string path_;
};

/// Unloads the grammar of a name (SPEECH UNLOAD GRAMMAR).
///
/// Throws: AGIAppError when there is no speech object, or the engine refuses.
class SpeechUnloadGrammar : public detail::SpeechGrammarAction {
public:
    static constexpr std::string_view command = "SPEECH UNLOAD GRAMMAR";
    using SpeechGrammarAction::SpeechGrammarAction;
};

/// Activates the grammar of a name (SPEECH ACTIVATE GRAMMAR).
///
/// Throws: AGIAppError when there is no speech object, or the engine refuses.
class SpeechActivateGrammar : public detail::SpeechGrammarAction {
public:
    static constexpr std::string_view command = "SPEECH ACTIVATE GRAMMAR";
    using SpeechGrammarAction::SpeechGrammarAction;
};

/// Deactivates the grammar of a name (SPEECH DEACTIVATE GRAMMAR).
///
/// Throws: AGIAppError when there is no speech object, or the engine refuses.
class SpeechDeactivateGrammar : public detail::SpeechGrammarAction {
public:
    static constexpr std::string_view command = "SPEECH DEACTIVATE GRAMMAR";
    using SpeechGrammarAction::SpeechGrammarAction;
};

/// Plays a prompt and recognizes what the caller says (SPEECH RECOGNIZE).
///
/// Any key ends it. Asterisk does not report a missing prompt. It sends the recognized texts as the
/// engine wrote them, unescaped, at most 4,095 bytes for all results together. If your engine's
/// texts can contain `"` or a newline, do not rely on `grammar` when there are several results: a
/// newline ends the reply, and a text with a line `HANGUP` makes AGI::hung_up() true. Throws:
/// AGIAppError when there is no speech object.
class SpeechRecognize {
public:
    static constexpr std::string_view command = "SPEECH RECOGNIZE";

    /// What ended the recognition.
    enum class StoppedBy : std::uint8_t { speech, key, timeout, hangup };

    /// One thing that the caller may have said.
    struct Heard {
        int score = 0;        ///< The engine's measure of certainty, usually 0 to 1,000.
        std::string text;     ///< The text that was recognized.
        std::string grammar;  ///< The name of the grammar that matched.
    };

    /// What ended the recognition, and what was heard.
    struct Result {
        StoppedBy stopped_by = StoppedBy::timeout;  ///< What ended the recognition.
        std::vector<Heard> heard;                   ///< Highest score first.
        std::optional<char> key;  ///< The key pressed, when it was stopped by one.
        /// Where the engine stopped the prompt; 0 when it did not, as is usual.
        Samples endpos;
    };

    /// A sound file as for StreamFile, and the time to wait after it, 1 s to 2,147,483,647 s.
    SpeechRecognize(std::string prompt, std::chrono::seconds timeout)
        : prompt_(std::move(prompt)), timeout_(timeout) {}
    /// Where to start the prompt, 0 (the default) to 2,147,483,647 samples.
    SpeechRecognize& offset(Samples from) noexcept {
        offset_ = from;
        return *this;
    }
    void encode(CommandLine& line) const;
    static Result parse(const Reply& reply);

private:
    std::string prompt_;
    std::chrono::seconds timeout_;
    Samples offset_;
};

}  // namespace costrix::inline COSTRIX_ABI::agi
