// SPDX-License-Identifier: MIT
// The calls whose audio connections are recorded: talks, Dial, taps, whispers, SIP, transfers.
#include "asterisk/audio_scenarios.hpp"

#include "asterisk/rtp_stream.hpp"

#include <costrix/agi/audio_frame.hpp>
#include <costrix/agi/protocol/audio_message.hpp>

#include <utility>

namespace costrix::test {

using namespace std::chrono_literals;

const std::string kWhisper =
    R"x(EXEC Originate "AudioSocket/WHERE/UUID/c(slin),app,ChanSpy,CHANNEL\\,uoqwE,,5,v(CDR_PROP(disable)=1)")x";

std::string replaced(std::string text, const std::string& what, const std::string& with) {
    const auto at = text.find(what);
    return at == std::string::npos ? text : text.replace(at, what.size(), with);
}

namespace {

const std::string kTalk = "EXEC AudioSocket UUID,WHERE";
const std::string kDial = "EXEC Dial AudioSocket/WHERE/UUID/c(slin),10,g";
const std::string kTap =
    R"x(EXEC Originate "AudioSocket/WHERE/UUID/c(slin),app,ChanSpy,CHANNEL\\,uoqE,,5,v(CDR_PROP(disable)=1)")x";

/// Listens, ends the audio, and waits until Asterisk closes.
AudioRecorder::Script listens(std::chrono::milliseconds time, bool silence = true) {
    return [=](AudioRecorder& recorder) {
        recorder.listen(time, silence);
        if (!recorder.ended())
            recorder.send(0x00);
    };
}
AudioRecorder::Script only_listens(std::chrono::milliseconds time, bool silence = true) {
    return [=](AudioRecorder& recorder) { recorder.listen(time, silence); };
}
/// Sends a message after 100 ms, and goes on for as long as Asterisk does.
AudioRecorder::Script sends(unsigned kind, const std::string& payload) {
    return [=](AudioRecorder& recorder) {
        recorder.listen(100ms);
        recorder.send(kind, payload);
        recorder.listen(400ms);
        if (!recorder.ended())
            recorder.send(0x00);
    };
}

/// Says 24 messages of a tone, so many at once, and 50 a second.
AudioRecorder::Script speaks(int at_once) {
    return [=](AudioRecorder& recorder) {
        const auto tone = tone_of(20ms, 500);
        const std::string bytes(reinterpret_cast<const char*>(tone.data()), 320);
        recorder.listen(400ms, false);
        for (int sent = 1; sent <= 24; ++sent) {
            recorder.send(0x10, bytes);
            if (sent % at_once == 0)
                recorder.listen(at_once * 20ms, false);
        }
        recorder.listen(300ms, false);
        recorder.send(0x00);
    };
}

std::vector<Scenario> talks() {
    std::vector<Scenario> all;
    const auto add = [&](const char* name, const char* shows, AudioRecorder::Script script) {
        all.push_back({name, shows, kTalk, std::move(script), "tone"});
    };
    add("talk-end", "0x00 ends the audio, and the call lives", listens(500ms));
    add("talk-close", "closing ends the audio, and the call lives", [](AudioRecorder& recorder) {
        recorder.listen(200ms);
        recorder.close();
    });
    add("talk-half-close", "so does the end of one half", [](AudioRecorder& recorder) {
        recorder.listen(200ms);
        recorder.half_close();
    });
    add("talk-uuid-kind", "0x01 from the server is an error", sends(0x01, std::string(16, 'u')));
    add("talk-key-kind", "0x03 from the server is an error", sends(0x03, "1"));
    add("talk-unknown-kind", "an unknown kind is an error", sends(0x42, ""));
    add("talk-error-kind", "0xff is an error", sends(0xff, ""));
    add("talk-empty-audio", "audio of length 0 is an error", sends(0x10, ""));
    add("talk-odd-audio", "audio of odd length is taken", sends(0x10, std::string(321, '\0')));
    add("talk-long-audio", "65,534 bytes are taken", sends(0x10, std::string(65534, '\0')));
    add("talk-slin48", "48 kHz is taken", sends(0x16, std::string(1920, '\0')));
    add("talk-slin192", "192 kHz is taken", sends(0x18, std::string(7680, '\0')));
    add("talk-burst", "10 s at once are taken", [](AudioRecorder& recorder) {
        recorder.listen(100ms);
        for (int i = 0; i < 500; ++i)
            recorder.send(0x10, std::string(320, '\0'));
        recorder.listen(300ms);
        recorder.send(0x00);
    });
    add("talk-half-payload", "half a payload 100 ms late ends it", [](AudioRecorder& recorder) {
        recorder.listen(100ms);
        recorder.send_bytes(std::string("\x10\x01\x40", 3) + std::string(160, '\0'), "half");
        recorder.listen(100ms, false);
        if (!recorder.ended())
            recorder.send_bytes(std::string(160, '\0'), "the other half");
        recorder.listen(400ms);
        if (!recorder.ended())
            recorder.send(0x00);
    });
    add("talk-half-header", "half a header stops Asterisk", [](AudioRecorder& recorder) {
        recorder.listen(100ms);
        recorder.send_bytes(std::string("\x10\x01", 2), "half a header");
        recorder.listen(1000ms, false);
        recorder.send_bytes(std::string("\x40", 1) + std::string(320, '\0'), "the rest");
        recorder.listen(200ms);
        if (!recorder.ended())
            recorder.send(0x00);
    });
    return all;
}

std::vector<Scenario> other_talks() {
    std::vector<Scenario> all;
    const auto add = [&](const char* name, const char* shows) -> Scenario& {
        all.push_back({name, shows, kTalk, only_listens(5s)});
        return all.back();
    };
    add("talk-keys", "one 0x03 for each key").script = listens(2s);
    all.back().digits = "12#";
    add("talk-hangup", "the caller's hangup closes it").audio = "tone";
    all.back().hangup_after = 700ms;
    add("talk-silence", "2 s without a frame in either direction end it").script =
        only_listens(5s, false);
    add("talk-spoken-silence", "a silent caller sends no frame").script = listens(3s);
    add("talk-not-answered", "connects and closes at once").answer = false;
    add("talk-bad-uuid", "does not connect").exec = "EXEC AudioSocket {1234},WHERE";
    add("talk-refused", "does not connect").exec = "EXEC AudioSocket UUID,127.0.0.1:1";
    return all;
}

std::vector<Scenario> dials() {
    std::vector<Scenario> all;
    const auto add = [&](const char* name, const char* shows, const std::string& exec) {
        all.push_back({name, shows, exec, listens(300ms), "tone"});
        all.back().variable = "DIALSTATUS";
    };
    add("dial-slin", "0x10 ends the channel, Dial(,,g) goes on", kDial);
    add("dial-slin16", "c(slin16): 0x12", replaced(kDial, "slin", "slin16"));
    add("dial-slin48", "c(slin48): 0x16", replaced(kDial, "slin", "slin48"));
    add("dial-slin192", "c(slin192): 0x18", replaced(kDial, "slin", "slin192"));
    add("dial-no-codec", "without c(): as the caller's", replaced(kDial, "/c(slin)", ""));
    add("dial-bad-codec", "an unknown codec", replaced(kDial, "slin", "nonsense"));
    add("dial-refused", "nobody listens", replaced(kDial, "WHERE", "127.0.0.1:1"));
    return all;
}

std::vector<Scenario> taps() {
    std::vector<Scenario> all;
    const auto add = [&](const char* name, const char* shows) -> Scenario& {
        all.push_back({name, shows, kTap, listens(600ms, false), "tone"});
        all.back().variable = "ORIGINATE_STATUS";
        return all.back();
    };
    add("tap-idle", "the first frame after 0.1 s, then one every 20 ms");
    add("tap-prompt", "the same while a prompt plays").prompt = "beep";
    add("tap-own-prompt", "our prompt is not in it").audio = "";
    all.back().prompt = "beep";
    add("tap-keys", "keys do not come here").audio = "";
    all.back().digits = "12#";
    all.back().stay = 3s;
    all.back().script = listens(2s, false);
    add("tap-hangup", "the caller's hangup").hangup_after = 700ms;
    all.back().script = only_listens(3s, false);
    add("tap-slin16", "c(slin16) and C(slin16): 0x12").exec =
        R"x(EXEC Originate "AudioSocket/WHERE/UUID/c(slin16),app,ChanSpy,CHANNEL\\,uoqE,,5,C(slin16)")x";
    add("tap-wrong-id", "SUCCESS, and closed at once").exec = replaced(kTap, "CHANNEL", "1.2");
    add("tap-refused", "nobody listens").exec = replaced(kTap, "WHERE", "127.0.0.1:1");
    return all;
}

std::vector<Scenario> sip() {
    std::vector<Scenario> all;
    for (const int packet : {10, 20, 30}) {
        const auto suffix = std::to_string(packet);
        all.push_back({"sip-talk-" + suffix, "frames as the packets", kTalk, listens(500ms)});
        all.back().packet = packet;
        all.push_back({"sip-tap-" + suffix, "frames of 20 ms", kTap, listens(600ms, false)});
        all.back().packet = packet;
    }
    const auto add = [&](const char* name, const char* shows, const std::string& exec) {
        all.push_back({name, shows, exec, listens(2500ms, exec == kTalk)});
        all.back().packet = 20;
        all.back().stay = 3s;
        return &all.back();
    };
    add("sip-talk-suppressed", "no frame while there is no packet", kTalk)->suppressed = true;
    add("sip-tap-suppressed", "no frame while there is no packet", kTap)->suppressed = true;
    add("sip-talk-keys", "0x03 at a key's end, no audio during it", kTalk)->digits = "0*9#";
    add("sip-tap-keys", "no 0x03, no audio during a key", kTap)->digits = "0*9#";
    add("sip-talk-hangup", "BYE", kTalk)->hangup_after = 500ms;
    add("sip-tap-hangup", "BYE", kTap)->hangup_after = 500ms;
    all.back().stay = 1s;
    return all;
}

std::vector<Scenario> whispers() {
    std::vector<Scenario> all;
    const auto add = [&](const char* name, const char* shows, int at_once) {
        all.push_back({name, shows, kWhisper, speaks(at_once)});
        all.back().packet = 20;
        all.back().stay = 2s;
        all.back().silence = "EXEC PlayTones 0";
        return &all.back();
    };
    add("sip-whisper", "PlayTones 0: all is heard", 1);
    add("sip-whisper-idle", "nothing is played: nothing is heard", 1)->silence = "";
    add("sip-whisper-prompt", "a prompt is played: all is heard", 1)->silence = "";
    all.back().prompt = "silence/2";
    add("sip-whisper-suppressed", "heard by a phone that sends nothing", 1)->suppressed = true;
    add("sip-whisper-ahead", "three messages at once: all is heard", 3);
    add("sip-whisper-burst", "24 at once: most of it is lost", 24);
    return all;
}

std::vector<Scenario> transfers() {
    std::vector<Scenario> all;
    const auto add = [&](const char* name, const char* shows, Agent agent) {
        all.push_back({name, shows, kTap, only_listens(6s, false)});
        all.back().packet = 20;
        all.back().agent = agent;
        all.back().stay = 300ms;
    };
    add("sip-tap-dial", "the caller, and not the agent, who is as loud", Agent::talks);
    add("sip-tap-blind", "left open, it hears the caller at the target", Agent::transfers_blind);
    add("sip-tap-attended", "the same", Agent::transfers_attended);
    return all;
}

std::vector<Scenario> rates_and_readers() {
    std::vector<Scenario> all;
    for (const auto rate : agi::kAudioRates) {
        if (rate == 8000 || rate == 16000)
            continue;
        const std::string name(agi::AudioFormat(rate).name());
        const auto exec = replaced(kTap, "slin", name);
        all.push_back({"tap-" + name, "c() and C() of that rate", exec, listens(400ms, false)});
        all.back().exec = replaced(exec, "disable)=1)", "disable)=1)C(" + name + ')');
        all.back().audio = "tone";
    }
    const auto add = [&](const char* name, const std::string& exec) {
        all.push_back({name, "what is not read waits, and comes at once", exec});
        all.back().script = [](AudioRecorder& recorder) {
            recorder.listen(300ms, false);
            recorder.neglect(3s);
            recorder.listen(300ms, false);
            recorder.send(0x00);
        };
        all.back().packet = 20;
        all.back().stay = 5s;
    };
    add("sip-talk-unread", kTalk);
    add("sip-tap-unread", kTap);
    return all;
}

}  // namespace

std::vector<Scenario> audio_scenarios() {
    std::vector<Scenario> all;
    for (auto&& some :
         {talks(),
          other_talks(),
          dials(),
          taps(),
          sip(),
          whispers(),
          transfers(),
          rates_and_readers()})
        all.insert(all.end(), some.begin(), some.end());
    return all;
}

}  // namespace costrix::test
