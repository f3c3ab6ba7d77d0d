// SPDX-License-Identifier: MIT
// A simulated call: who calls, what the dialplan prepared, what the caller does.
#pragma once

#include <costrix/agi/detail/config.hpp>
#include <costrix/testing/scenario_data.hpp>
#include <costrix/testing/waveform.hpp>

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace costrix::inline COSTRIX_ABI::testing {

/// A call for FakeAsterisk to place. Every setter returns the scenario itself.
///
/// All times are virtual. "Since the start" means since AGI() connected to the script.
class Scenario {
public:
    /// A ringing FastAGI call, without caller ID, to the script at `path`.
    explicit Scenario(std::string_view path = "");

    // --- the script ---

    /// Path with its query string: agi://127.0.0.1:4573/PATH; on classic AGI, the program's name. A
    /// leading slash is the URL's own.
    Scenario& path(std::string_view path);
    /// The whole URL, as in the dialplan.
    Scenario& url(std::string url);
    /// The arguments after the URL: agi_arg_1 and so on.
    Scenario& args(std::vector<std::string> arguments);
    /// Classic AGI: no network lines, SIGHUP instead of HANGUP, an exit status.
    Scenario& classic();
    /// Classic AGI with the channel's audio: agi_enhanced is 1.0.
    Scenario& eagi();

    // --- the channel ---

    /// Caller ID number; empty: none, which the environment calls "unknown".
    Scenario& caller_number(std::string number);
    /// Caller ID name; empty: none.
    Scenario& caller_name(std::string name);
    /// The channel's name; the technology before its slash is agi_type. By default each call has
    /// its own Local channel.
    Scenario& channel(std::string name);
    /// Another channel of this Asterisk, for commands that name one.
    Scenario& other_channel(std::string name);
    /// The channel's language.
    Scenario& language(std::string language);
    /// The number that was dialled; "unknown" by default.
    Scenario& dnid(std::string number);
    /// The number that redirected the call; "unknown" by default.
    Scenario& rdnis(std::string number);
    /// The account code.
    Scenario& account_code(std::string code);
    /// The channel's unique id; by default unique within the process.
    Scenario& unique_id(std::string id);
    /// The thread in which Asterisk says that it runs the call.
    Scenario& thread_id(std::string id);
    /// The place of AGI() in the dialplan.
    Scenario& location(std::string context, std::string extension, int priority = 1);
    /// A label of the current extension, for SET PRIORITY.
    Scenario& label(std::string name, int priority);
    /// The dialplan answered before AGI().
    Scenario& answered();
    /// AGI() runs in the h extension: the channel is dead from the start.
    Scenario& dead();

    // --- this Asterisk ---

    /// Version string. Versions before mid-2025 (20.16, 21.11, 22.6) take 2,046 bytes per command.
    Scenario& version(std::string version);
    /// Maximum bytes of a command without its LF, whatever the version.
    Scenario& command_limit(std::size_t bytes);
    /// FakeAsterisk::events() stays empty, for many or long calls; observers still see events.
    Scenario& without_events();
    /// No XML documentation: wrong syntax gets the single-line 520.
    Scenario& undocumented();
    /// AGISIGHUP: whether Asterisk reports a hangup to the script; true by default.
    Scenario& agisighup(bool on);
    /// AGIEXITONHANGUP: whether a hangup ends the session; false by default.
    Scenario& exit_on_hangup(bool on = true);
    /// Seconds since 1970 at the start, for ${EPOCH}.
    Scenario& epoch(long long seconds);
    /// A channel variable.
    Scenario& variable(std::string name, std::string value);
    /// An entry of the Asterisk database.
    Scenario& database(std::string_view family, std::string_view key, std::string value);
    /// A sound file of this length. A few, such as beep, always exist.
    Scenario& sound(std::string name, std::chrono::nanoseconds length);
    /// All sound files exist, with this length.
    Scenario& any_sound(std::chrono::nanoseconds length);
    /// A sound file that does not exist, despite any_sound().
    Scenario& without_sound(std::string name);
    /// How long ANSWER waits for the caller's audio; 0.5 s by default.
    Scenario& answer_delay(std::chrono::nanoseconds delay);
    /// A directory that RECORD FILE cannot write to.
    Scenario& unwritable(std::string directory);
    /// An application for EXEC; its name is case-insensitive.
    Scenario& application(std::string_view name, Application application);
    /// An application for EXEC that always ends the same way.
    Scenario& application(std::string_view name, ApplicationOutcome outcome);
    /// The same, which leaves `status` in its variable: QUEUESTATUS, VMSTATUS and so on.
    Scenario&
    application(std::string_view name, std::string status, std::chrono::nanoseconds after = {});
    /// How Dial to `destination` (its whole first argument) ends.
    ///
    /// `status` is DIALSTATUS, `after` how long Dial takes. For ANSWER that is until the callee
    /// hangs up, and Dial returns -1; for the others it returns 0. Unlisted: CHANUNAVAIL.
    Scenario&
    dial(std::string destination, std::string status, std::chrono::nanoseconds after = {});
    /// The whole outcome of Dial to `destination`.
    Scenario& dial(std::string destination, ApplicationOutcome outcome);
    /// A dialplan function, for ${NAME(...)} and GET VARIABLE NAME(...).
    Scenario& function(std::string name, DialplanFunction function);
    /// A subroutine for GOSUB; `value` is the value of Return(), where ${ARG1} and the like are
    /// expanded.
    Scenario& subroutine(
        std::string_view context,
        std::string_view extension,
        std::string_view priority,
        std::string value = {},
        std::chrono::nanoseconds duration = {}
    );
    /// A subroutine that hangs up instead of returning.
    Scenario& subroutine_that_leaves(
        std::string_view context,
        std::string_view extension,
        std::string_view priority
    );
    /// SPEECH CREATE finds an engine.
    Scenario& speech_engine();

    // --- what the caller does ---

    /// Presses the keys (0-9 * # A-D), the first `at` after the start, then `gap` apart.
    Scenario& press(
        std::string_view keys,
        std::chrono::nanoseconds at,
        std::chrono::nanoseconds gap = std::chrono::milliseconds(250)
    );
    /// Presses keys whenever `prompt` starts.
    ///
    /// A further call for the same prompt sets the keys for its second time, and so on; the last
    /// ones repeat; empty keys press nothing. A prompt is a sound file, what a SAY command says, or
    /// the file of RECORD FILE; an empty prompt is WAIT FOR DIGIT, or GET DATA without a file.
    Scenario& press_during(
        std::string prompt,
        std::string keys,
        std::chrono::nanoseconds first_after = std::chrono::milliseconds(500),
        std::chrono::nanoseconds gap = std::chrono::milliseconds(250)
    );
    /// How long a key is held; 0.1 s by default. Asterisk acts on its release.
    Scenario& key_length(std::chrono::nanoseconds length);
    /// Sends a text message at this time after the start.
    Scenario& send_text(std::string message, std::chrono::nanoseconds at);
    /// Sends a text message when RECEIVE TEXT or RECEIVE CHAR asks; further calls queue up.
    Scenario& send_text_when_asked(
        std::string message,
        std::chrono::nanoseconds after = std::chrono::milliseconds(500)
    );
    /// Talks for this time at the start of each RECORD FILE, then sends silence.
    ///
    /// By default there is no audio: recordings are empty, and ANSWER takes 0.5 s.
    Scenario& talks_for(std::chrono::nanoseconds duration);
    /// Says this, `at` after the start: what agi::talk() and agi::open_audio() hear.
    ///
    /// What is said at the same time is mixed; otherwise the phone sends silence.
    Scenario& speak(Waveform sound, std::chrono::nanoseconds at);
    /// Says this whenever `prompt` (see press_during) starts; the prompt AudioSocket is the moment
    /// at which talk() is connected. Further calls for the same prompt as in press_during().
    Scenario&
    speak_during(std::string prompt, Waveform sound, std::chrono::nanoseconds first_after = {});
    /// How much sound the caller's phone sends at once: whole samples; 20 ms by default.
    Scenario& packets(std::chrono::nanoseconds length);
    /// The caller's phone sends nothing while the caller says nothing.
    Scenario& suppresses_silence();
    /// What the speech engine hears in the next SPEECH RECOGNIZE; further calls queue up.
    Scenario& says(
        std::string text,
        int score = 1000,
        std::string grammar = "default",
        std::chrono::nanoseconds after = std::chrono::seconds(1)
    );
    /// Hangs up at this time after the start.
    Scenario& hang_up_after(std::chrono::nanoseconds at);
    /// Hangs up this long after `prompt` (see press_during) started.
    Scenario& hang_up_during(
        std::string prompt,
        std::chrono::nanoseconds after = std::chrono::milliseconds(500)
    );

    /// All settings.
    const detail::ScenarioData& data() const noexcept { return data_; }

private:
    template <class Field, class Value = Field>
    Scenario& set(Field& field, Value value) {
        field = std::move(value);
        return *this;
    }

    detail::ScenarioData data_;
};

}  // namespace costrix::inline COSTRIX_ABI::testing
