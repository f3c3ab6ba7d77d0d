// SPDX-License-Identifier: MIT
// Makes each fuzzer's first inputs of the recorded transcripts: make_corpus FOLDER
#include <costrix/agi/protocol/audio_message.hpp>
#include <costrix/testing/transcript.hpp>

#include <array>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>

namespace fs = std::filesystem;
using costrix::testing::Transcript;
using costrix::testing::TranscriptKind;

namespace {

/// Numbers are cut from the end of an input: these are zeros, so the defaults.
const std::string kNoNumbers(16, '\0');

void write(const fs::path& folder, const std::string& name, std::string_view text) {
    fs::create_directories(folder);
    std::ofstream(folder / name, std::ios::binary) << text;
}

std::string read(const fs::path& file) {
    std::ifstream stream(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

/// All that one side sent.
std::string bytes_of(const Transcript& transcript, TranscriptKind side) {
    std::string all;
    for (const auto& record : transcript.records()) {
        if (record.kind == side)
            all += record.bytes();
    }
    return all;
}

void make(const fs::path& file, const fs::path& top) {
    const auto name = file.stem().string();
    write(top / "transcript", name, read(file));
    if (name.starts_with("asyncagi"))
        return;  // the conversation is AMI's
    const auto transcript = Transcript::read(file);
    const auto asterisk = bytes_of(transcript, TranscriptKind::asterisk);
    const auto script = bytes_of(transcript, TranscriptKind::script);
    const auto end = asterisk.find("\n\n");
    const auto environment = asterisk.substr(0, end == std::string::npos ? end : end + 2);
    write(top / "environment", name, environment + kNoNumbers);
    write(top / "reply", name, asterisk.substr(environment.size()) + kNoNumbers);
    write(top / "dialogue", name, asterisk.substr(environment.size()) + kNoNumbers);
    write(top / "session", name, asterisk.substr(environment.size()) + kNoNumbers);
    write(top / "fake_asterisk", name, script + kNoNumbers);
    for (std::size_t mode = 0; mode < 3; ++mode) {
        const std::string numbers{static_cast<char>(mode), '\0', '\0'};
        write(top / "command", name + "-" + std::to_string(mode), script + kNoNumbers + numbers);
    }
    const auto url = transcript.environment()["network_script"];
    write(top / "request", name, url + kNoNumbers);
    write(top / "router", name, "(?P<queue>\\w+)[/-](.*)\n" + url + "\n\n" + url);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        std::cerr << "usage: make_corpus FOLDER\n";
        return 2;
    }
    for (const auto& entry : fs::directory_iterator(COSTRIX_TRANSCRIPTS)) {
        if (entry.path().extension() == ".agi")
            make(entry.path(), argv[1]);
    }
    const fs::path top(argv[1]);
    std::string audio;
    costrix::agi::append_uuid(audio, costrix::agi::Uuid{{0x40, 0x32, 0x5e, 0xc2}});
    costrix::agi::append_audio(audio, std::array<std::int16_t, 4>{1, -1, 32767, -32768});
    costrix::agi::append_key(audio, '5');
    costrix::agi::append_audio(audio, std::array<std::int16_t, 2>{300, -300}, 16000);
    costrix::agi::append_end(audio);
    write(top / "audio_message", "a-call", audio + kNoNumbers);
    write(top / "audio_message", "half", audio.substr(0, 22) + kNoNumbers);
    write(top / "audio_message", "no-samples", std::string("\x10\0\0", 3) + kNoNumbers);
    write(top / "request", "kwargs", "a/b?x=1&y=two%20words&x=+%&=&z" + kNoNumbers);
    const std::string block("\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\1\2\3\4\5\6\7\10\0\1\0\2", 28);
    write(top / "proxy_header", "v1", "PROXY TCP4 192.0.2.1 198.51.100.2 56324 4573\r\n");
    write(top / "proxy_header", "v1-v6", "PROXY TCP6 2001:db8::7 ::1 1 65535\r\n");
    write(top / "proxy_header", "v2", block + kNoNumbers);
    write(top / "router", "explodes", "(a+)+$\n\naaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab");
    write(top / "router", "prefixes", "^a\\.b(c|d)?\na\na\\.bc|x\n(?#c)a[|]\n\na.bc");
    const std::string counted = "200 result=1 (A:1:3:a)\nB:0:0:C:1:5:\n200 )\n";
    write(top / "reply", "counted", counted + std::string(10, '\2') + kNoNumbers);
}
