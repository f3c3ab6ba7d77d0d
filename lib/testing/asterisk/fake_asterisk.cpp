// SPDX-License-Identifier: MIT
// The public face of the simulated Asterisk.

#include "testing/asterisk/asterisk_parsing.hpp"
#include "testing/asterisk/dialplan_expressions.hpp"
#include "testing/asterisk/simulated_session.hpp"

#include <costrix/testing/fake_asterisk.hpp>

#include <algorithm>
#include <utility>

namespace costrix::inline COSTRIX_ABI::testing {

FakeAsterisk::FakeAsterisk(Scenario scenario)
    : impl_(std::make_unique<Impl>(std::move(scenario))) {}
FakeAsterisk::~FakeAsterisk() = default;
FakeAsterisk::FakeAsterisk(FakeAsterisk&&) noexcept = default;
FakeAsterisk& FakeAsterisk::operator=(FakeAsterisk&&) noexcept = default;

std::size_t FakeAsterisk::times_begun(std::string_view prompt) const {
    return impl_->call().times_begun(prompt);
}

std::string FakeAsterisk::environment() const {
    return detail::environment_block(impl_->call().data());
}

void FakeAsterisk::receive(std::string_view bytes) {
    impl_->receive(bytes);
}
void FakeAsterisk::script_closed() {
    impl_->end_of_input(false);
}
void FakeAsterisk::script_half_closed() {
    impl_->end_of_input(true);
}
void FakeAsterisk::script_exited(int status) {
    impl_->script_exited(status);
}
std::string FakeAsterisk::take_output() {
    return impl_->take_output();
}
std::vector<std::shared_ptr<detail::AudioLeg>> FakeAsterisk::take_audio_connections() {
    return impl_->call().audio().take_new();
}
bool FakeAsterisk::closed() const noexcept {
    return impl_->closed();
}
int FakeAsterisk::sighups() const noexcept {
    return impl_->sighups();
}

std::chrono::nanoseconds FakeAsterisk::now() const noexcept {
    return impl_->call().now();
}

std::optional<std::chrono::nanoseconds> FakeAsterisk::next_event() const {
    const auto due = impl_->next_due();
    if (!due || *due == detail::kNever)
        return std::nullopt;
    return std::max(*due - now(), std::chrono::nanoseconds{});
}

void FakeAsterisk::advance(std::chrono::nanoseconds duration) {
    impl_->advance_to(detail::later(now(), duration));
}

bool FakeAsterisk::advance_to_next_event() {
    const auto until = next_event();
    if (until)
        advance(*until);
    return until.has_value();
}

bool FakeAsterisk::busy() const noexcept {
    return impl_->busy();
}

void FakeAsterisk::press(char key) {
    impl_->press(std::string_view(&key, 1));
}
void FakeAsterisk::press(std::string_view keys) {
    impl_->press(keys);
}
void FakeAsterisk::speak(const Waveform& sound) {
    impl_->speak(sound);
}
void FakeAsterisk::hang_up() {
    impl_->hang_up("the caller");
}
void FakeAsterisk::send_text(std::string_view text) {
    impl_->send_text(std::string(text));
}

bool FakeAsterisk::hung_up() const noexcept {
    return impl_->call().hung_up();
}
bool FakeAsterisk::answered() const noexcept {
    return impl_->call().answered();
}
std::string FakeAsterisk::agistatus() const {
    return impl_->status();
}

const std::map<std::string, std::string>& FakeAsterisk::variables() const noexcept {
    return std::as_const(*impl_).call().variables();
}

std::optional<std::string> FakeAsterisk::variable(std::string_view name) const {
    return detail::read_variable(impl_->call(), name);
}

std::optional<std::string>
FakeAsterisk::database(std::string_view family, std::string_view key) const {
    const auto& entries = std::as_const(*impl_).call().database();
    const auto found = entries.find(detail::database_key(family, key));
    return found == entries.end() ? std::nullopt : std::optional(found->second);
}

const HeardAudio& FakeAsterisk::heard() const noexcept {
    return std::as_const(*impl_).call().audio().caller().heard();
}

std::optional<AudioLevels> FakeAsterisk::audio_levels() const {
    const auto& audio = std::as_const(*impl_).call().audio();
    if (!audio.is_open())
        return std::nullopt;
    return AudioLevels{audio.caller().said_level(), audio.caller().heard_level()};
}

std::string FakeAsterisk::continues_at() const {
    const auto& [context, extension, priority] = impl_->call().location;
    return context + " " + extension + " " + std::to_string(priority + 1);
}

const std::vector<Event>& FakeAsterisk::events() const noexcept {
    return impl_->call().events();
}

std::vector<std::string> FakeAsterisk::texts(EventKind kind) const {
    std::vector<std::string> result;
    for (const auto& event : events()) {
        if (event.kind() == kind)
            result.push_back(event.text());
    }
    return result;
}

void FakeAsterisk::observe(std::function<void(const Event&)> observer) {
    impl_->call().observe(std::move(observer));
}

}  // namespace costrix::inline COSTRIX_ABI::testing
