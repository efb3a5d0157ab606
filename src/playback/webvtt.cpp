// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/playback/webvtt.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace butaca::playback {

// Hours as many as it takes (W3C WebVTT, 4.1: two or more digits).
std::string webvtt_time(std::int64_t time_ns)
{
    long long ms = (std::max<std::int64_t>(0, time_ns) + 500'000) / 1'000'000;
    std::array<char, 40> text{};
    std::snprintf(text.data(), text.size(), "%02lld:%02lld:%02lld.%03lld", ms / 3'600'000, ms / 60'000 % 60,
                  ms / 1000 % 60, ms % 1000);
    return text.data();
}

namespace {

// All that is seen in [from_ns, to_ns) of the presentation.
void append_cues(std::string &out, const media::Subtitles &subtitles, std::int64_t zero_ns,
                 std::int64_t from_ns, std::int64_t to_ns)
{
    // Cues are in the order of their beginning, while their ends are in none: all that begin early enough are
    // looked at, which even for a very long film takes no time worth telling.
    for (std::size_t i = 0; i < subtitles.cues.size(); i++) {
        const auto &cue = subtitles.cues[i];
        std::int64_t start_ns = cue.start_ns - zero_ns;
        std::int64_t end_ns = cue.end_ns - zero_ns;
        if (start_ns >= to_ns)
            break;
        if (end_ns <= from_ns || cue.text.empty())
            continue;
        out += std::to_string(i + 1) + "\n" + webvtt_time(start_ns) + " --> " + webvtt_time(end_ns);
        if (!cue.settings.empty())
            out += " " + cue.settings;
        out += "\n" + cue.text + "\n\n";
    }
}

} // namespace

std::string webvtt_segment(const media::Subtitles &subtitles, std::int64_t zero_ns, std::int64_t from_ns,
                           std::int64_t to_ns, std::int64_t mpegts)
{
    std::string out = "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:" + std::to_string(mpegts) + ",LOCAL:00:00:00.000\n\n";
    append_cues(out, subtitles, zero_ns, from_ns, to_ns);
    return out;
}

std::string webvtt_file(const media::Subtitles &subtitles, std::int64_t zero_ns, std::int64_t end_ns)
{
    std::string out = "WEBVTT\n\n";
    append_cues(out, subtitles, zero_ns, 0, end_ns);
    return out;
}

} // namespace butaca::playback
