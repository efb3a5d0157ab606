// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plugins/audio/codec_table.h"

#include <algorithm>
#include <array>

namespace butaca::audio {

namespace {

// Encoders that see a jump in time drop or add samples; we count samples, so they must never think they saw
// one.
const std::pair<std::string, std::string> never_resync = {"tolerance", "9223372036854775807"};

Settings butacaaacenc(std::uint64_t bitrate_bps, [[maybe_unused]] bool constant_rate)
{
    return {never_resync,
            {"bitrate", std::to_string(std::clamp<std::uint64_t>(bitrate_bps, 8'000, 640'000))}};
}

Settings voaacenc(std::uint64_t bitrate_bps, [[maybe_unused]] bool constant_rate)
{
    return {never_resync, {"bitrate", std::to_string(bitrate_bps)}};
}

Settings opusenc(std::uint64_t bitrate_bps, bool constant_rate)
{
    return {never_resync,
            {"bitrate", std::to_string(std::clamp<std::uint64_t>(bitrate_bps, 4'000, 650'000))},
            {"bitrate-type", constant_rate ? "cbr" : "constrained-vbr"},
            {"frame-size", "20"},
            {"complexity", "5"},
            {"audio-type", "generic"},
            {"dtx", "false"},
            {"inband-fec", "false"}};
}

Settings butacamp3enc(std::uint64_t bitrate_bps, [[maybe_unused]] bool constant_rate)
{
    constexpr std::uint64_t most_kbps = 320;
    return {never_resync,
            {"bitrate", std::to_string(std::clamp<std::uint64_t>(bitrate_bps / 1000, 32, most_kbps))}};
}

Settings flacenc([[maybe_unused]] std::uint64_t bitrate_bps, [[maybe_unused]] bool constant_rate)
{
    return {never_resync,
            {"quality", "5"},
            {"blocksize", "4096"},
            {"seekpoints", "0"},
            {"perfect-timestamp", "false"}};
}

constexpr std::array<int, 13> aac_rates = {7350,  8000,  11025, 12000, 16000, 22050, 24000,
                                           32000, 44100, 48000, 64000, 88200, 96000};
constexpr std::array<int, 12> voaac_rates = {8000,  11025, 12000, 16000, 22050, 24000,
                                             32000, 44100, 48000, 64000, 88200, 96000};
constexpr std::array<int, 1> opus_rates = {48000};
constexpr std::array<int, 2> mp3_rates = {32000, 48000};
constexpr std::array<int, 12> flac_rates = {8000,  11025, 16000, 22050, 24000,  32000,
                                            44100, 48000, 88200, 96000, 176400, 192000};

constexpr const char *aac_caps = "audio/mpeg,mpegversion=4,stream-format=raw";

const std::array<Encoder, 5> table = {{
    {.codec = "aac",
     .factory = "butacaaacenc",
     .parser = nullptr,
     .format = "F32LE",
     .caps = aac_caps,
     .max_channels = 6,
     .rates = aac_rates,
     .frame_samples = 1024,
     .delay_samples = 1024,
     .bitrate_per_channel_bps = 64'000,
     .library = "libavcodec.so",
     .settings = butacaaacenc},
    {.codec = "aac",
     .factory = "voaacenc",
     .parser = nullptr,
     .format = "S16LE",
     .caps = aac_caps,
     .max_channels = 2,
     .rates = voaac_rates,
     .frame_samples = 1024,
     .delay_samples = 1600,
     .bitrate_per_channel_bps = 64'000,
     .library = "libvo-aacenc.so",
     .settings = voaacenc},
    {.codec = "opus",
     .factory = "opusenc",
     .parser = nullptr,
     .format = "S16LE",
     .caps = "audio/x-opus",
     .max_channels = 8,
     .rates = opus_rates,
     .frame_samples = 960,
     .delay_samples = 312,
     .bitrate_per_channel_bps = 48'000,
     .library = "libopus.so",
     .settings = opusenc},
    {.codec = "mp3",
     .factory = "butacamp3enc",
     .parser = nullptr,
     .format = "F32LE",
     .caps = "audio/mpeg,mpegversion=1,layer=3",
     .max_channels = 2,
     .rates = mp3_rates,
     .frame_samples = 1152,
     .delay_samples = 1105,
     .bitrate_per_channel_bps = 96'000,
     .library = "libmp3lame.so",
     .settings = butacamp3enc},
    {.codec = "flac",
     .factory = "flacenc",
     .parser = nullptr,
     .format = "{ S16LE, S24LE, S24_32LE, S8 }",
     .caps = "audio/x-flac",
     .max_channels = 8,
     .rates = flac_rates,
     .frame_samples = 4096,
     .delay_samples = 0,
     .bitrate_per_channel_bps = 0,
     .library = "libFLAC.so",
     .settings = flacenc},
}};

} // namespace

std::vector<const Encoder *> encoders_for(std::string_view codec)
{
    std::vector<const Encoder *> rows;
    for (const Encoder &row : table)
        if (row.codec == codec)
            rows.push_back(&row);
    return rows;
}

const Encoder *choose(const Wish &wish, bool (*installed)(const char *factory))
{
    for (const Encoder *row : encoders_for(wish.codec))
        if (wish.encoder.empty() ? installed(row->factory) : wish.encoder == row->factory)
            return row;
    return nullptr;
}

int legal_rate(const Encoder &encoder, int wished, int source)
{
    const int rate = wished > 0 ? wished : source;
    const auto found = std::lower_bound(encoder.rates.begin(), encoder.rates.end(), rate);
    return found == encoder.rates.end() ? encoder.rates.back() : *found;
}

int legal_channels(const Encoder &encoder, int wished, int source)
{
    return std::clamp(wished > 0 ? wished : source, 1, encoder.max_channels);
}

int lead_samples(const Encoder &encoder)
{
    const int frame = encoder.frame_samples;
    return (frame - encoder.delay_samples % frame) % frame;
}

int delay_samples(const Encoder &encoder) { return encoder.delay_samples + lead_samples(encoder); }

Settings settings_for(const Encoder &encoder, const Wish &wish, int channels)
{
    const std::uint64_t standard_bps =
        encoder.bitrate_per_channel_bps * static_cast<unsigned>(std::max(1, channels));
    return encoder.settings(wish.bitrate_bps ? wish.bitrate_bps : standard_bps, wish.constant_rate);
}

} // namespace butaca::audio
