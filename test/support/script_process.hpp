// SPDX-License-Identifier: MIT
// A classic AGI script in a process of its own; the test plays Asterisk on its descriptors.
#pragma once

#include "platform/descriptor.hpp"

#include <sys/types.h>

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace costrix::test {

/// Starts a program as Asterisk does. Every read gives up after ten seconds; the program is killed
/// when this goes.
class ScriptProcess {
public:
    /// What the script finds on its descriptors 0 and 1.
    enum class Wire {
        pipes,       ///< two pipes, as from Asterisk
        socket,      ///< one socket, as from a wrapper
        two_sockets  ///< two of them
    };

    /// `command[0]` is the file; the program sees `name` as its own where that is given. With
    /// `audio`, descriptor 3 is a pipe too.
    explicit ScriptProcess(
        std::vector<std::string> command,
        Wire wire = Wire::pipes,
        bool audio = false,
        std::string name = {}
    );
    ~ScriptProcess();
    ScriptProcess(const ScriptProcess&) = delete;
    ScriptProcess& operator=(const ScriptProcess&) = delete;

    void send(std::string_view bytes);
    /// The next line without its LF; "<eof>" when the script closed, "<timeout>" when it is silent.
    std::string line();
    /// Whether there is more to be read from it now.
    bool has_output() const;
    pid_t pid() const noexcept { return pid_; }
    /// The script's standard input, as the test sees it.
    int input() const noexcept { return to_script_.number(); }
    /// Waits until the script has written this to its standard error; false when it does not.
    bool wait_for(std::string_view text);
    /// What it has written there so far.
    const std::string& errors() const noexcept { return errors_; }
    void signal(int number);
    /// Waits until SIGSTOP has stopped it.
    bool wait_for_stop();
    /// The script's standard input ends.
    void close_input() { to_script_.close(); }
    /// What the script writes has no reader any more.
    void close_output() { from_script_.close(); }
    /// Audio for descriptor 3. False when its pipe is full, as for Asterisk, which loses it then.
    bool send_audio(std::span<const short> samples);
    void close_audio() { audio_.close(); }
    /// Waits for its end; its exit status, or minus the signal that ended it.
    int wait();

private:
    bool read_errors(int milliseconds);

    pid_t pid_ = -1;
    agi::detail::Descriptor to_script_, from_script_, stderr_, audio_;
    std::string received_, errors_;
};

/// The command that runs test/scripts/step_script.cpp with these steps.
std::vector<std::string> step_script(std::vector<std::string> steps);

/// The environment block of a classic script's call, its empty line included.
std::string classic_environment(const std::vector<std::string>& arguments = {});

}  // namespace costrix::test
