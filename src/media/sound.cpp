// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/media/sound.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace butaca::media {

std::uint64_t audio_bitrate_bps(Quality quality, const std::string &codec, unsigned channels)
{
    static constexpr std::array<std::uint64_t, 5> stereo_bps = {64000, 96000, 128000, 192000, 256000};
    std::uint64_t bps = stereo_bps[static_cast<std::size_t>(quality)];
    // Opus needs a quarter less for the same; a single channel a bit more than half.
    if (codec == "opus")
        bps = bps * 3 / 4;
    // MP3 without a reservoir needs half as much again.
    if (codec == "mp3")
        bps = std::min<std::uint64_t>(bps * 3 / 2, 320000);
    return channels == 1 ? bps * 5 / 8 : bps;
}

unsigned audio_rate(const std::string &codec, unsigned source_rate)
{
    // ISO 14496-3, Table 1.18: what AAC can say; lower ones are rare enough in players to avoid. Opus is
    // always 48 kHz.
    static constexpr std::array<unsigned, 5> aac_rates = {22050, 24000, 32000, 44100, 48000};
    // What flacenc takes, so that nothing is lost.
    static constexpr std::array<unsigned, 9> flac_rates = {16000, 22050, 24000, 32000, 44100,
                                                           48000, 88200, 96000, 192000};
    if (codec == "opus")
        return 48000;
    // MP3 has frames of whole bytes at these alone, so that a file's size is known before it is made.
    if (codec == "mp3")
        return source_rate == 32000 ? 32000 : 48000;
    if (codec == "flac" && std::find(flac_rates.begin(), flac_rates.end(), source_rate) != flac_rates.end())
        return source_rate;
    if (std::find(aac_rates.begin(), aac_rates.end(), source_rate) != aac_rates.end())
        return source_rate;
    return source_rate % 11025 == 0 ? 44100 : 48000;
}

unsigned audio_frame_samples(const std::string &codec)
{
    if (codec == "opus")
        return 960;
    if (codec == "mp3")
        return 1152;
    return codec == "flac" ? 4096 : 1024;
}

std::uint64_t legal_audio_bitrate_bps(const std::string &codec, std::uint64_t wished_bps)
{
    if (codec == "flac")
        return 0;
    if (codec == "opus") {
        constexpr std::uint64_t byte_steps_bps = 2000; // whole kbit/s and whole bytes in 20 ms
        return std::max(byte_steps_bps, wished_bps / byte_steps_bps * byte_steps_bps);
    }
    if (codec != "mp3")
        return wished_bps;
    const auto distance = [wished_bps](std::uint64_t kbps) {
        return kbps * 1000 > wished_bps ? kbps * 1000 - wished_bps : wished_bps - kbps * 1000;
    };
    return 1000 *
           *std::min_element(mp3_steps_kbps.begin(), mp3_steps_kbps.end(),
                             [&](std::uint64_t a, std::uint64_t b) { return distance(a) < distance(b); });
}

unsigned audio_lead_frames(const std::string &codec)
{
    if (codec == "opus")
        return 4;
    return codec == "flac" ? 0 : 1;
}

std::int32_t normalising_gain_mdb(const Loudness &loudness)
{
    constexpr double target_lufs = -18;
    constexpr double peak_most_dbtp = -1;
    const double gain_db =
        std::min(target_lufs - loudness.integrated_lufs, peak_most_dbtp - loudness.true_peak_dbtp);
    constexpr double most_db = 30; // silence with a click in it is no quiet music
    return static_cast<std::int32_t>(std::lround(std::clamp(gain_db, -most_db, most_db) * 1000));
}

} // namespace butaca::media
