// SPDX-License-Identifier: MIT
// Transcripts: any file is one, or is refused with a std::runtime_error.
#include "fuzz/input.hpp"

#include <costrix/testing/fake_asterisk.hpp>
#include <costrix/testing/transcript.hpp>

#include <sys/mman.h>
#include <unistd.h>

#include <stdexcept>
#include <string>

using costrix::fuzz::require;
using costrix::testing::FakeAsterisk;
using costrix::testing::Transcript;

namespace {

/// A file of these bytes that no disk has.
class MemoryFile {
public:
    MemoryFile(const std::uint8_t* data, std::size_t size)
        : descriptor_(memfd_create("transcript", MFD_CLOEXEC)) {
        require(descriptor_ >= 0, "memfd_create succeeds");
        require(write(descriptor_, data, size) == static_cast<ssize_t>(size), "write succeeds");
    }
    ~MemoryFile() { close(descriptor_); }
    MemoryFile(const MemoryFile&) = delete;
    MemoryFile& operator=(const MemoryFile&) = delete;

    std::string path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

private:
    int descriptor_;
};

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const MemoryFile file(data, size);
    try {
        const auto transcript = Transcript::read(file.path());
        for (const auto& record : transcript.records())
            static_cast<void>(record.passed());
        FakeAsterisk asterisk(transcript.scenario());
        require(asterisk.environment().ends_with("\n\n"), "a call has an environment block");
    } catch (const std::runtime_error&) {
        // it is no transcript
    }
    return 0;
}
