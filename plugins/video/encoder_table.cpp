// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plugins/video/encoder_table.h"

#include <algorithm>
#include <array>

namespace butaca::video {

namespace {

constexpr std::array<std::string_view, 10> speeds = {"ultrafast", "superfast", "veryfast", "faster",
                                                     "fast",      "medium",    "slow",     "slower",
                                                     "veryslow",  "placebo"};

// 0 for ultrafast to 9 for placebo; an unknown name counts as veryfast.
int speed_rank(const std::string &speed)
{
    const auto found = std::find(speeds.begin(), speeds.end(), speed);
    return found == speeds.end() ? 2 : static_cast<int>(found - speeds.begin());
}

std::string text(std::uint64_t number) { return std::to_string(number); }

// A leaky bucket that starts full lets through its size on top of its rate. Half the cap for each makes the
// whole of a fresh encode of `buffer_ms` stay under the cap, however the bits fall within it.
struct Bucket {
    std::uint64_t rate_kbps;
    std::uint64_t size_kbit;
};
Bucket bucket(const Wish &wish)
{
    const std::uint64_t rate_kbps = std::max<std::uint64_t>(1, wish.max_bitrate_bps / 2000);
    return {rate_kbps, std::max<std::uint64_t>(1, rate_kbps * wish.buffer_ms / 1000)};
}

// x264enc's element properties win over its option string, so each thing is said where it is heard.
// `cpu-independent` keeps x264 from choosing other algorithms on other processors. A cut in a GOP without end
// gets an I frame that is no keyframe (`min-keyint`); in one of a given length it would move all that follow,
// so there are none. The rest makes up for what the cap alone takes from the quality, in bits and likeness,
// for no more time: docs/measurements.md.
Settings x264(const Wish &wish, int quality)
{
    const bool capped = wish.max_bitrate_bps > 0;
    const std::string cuts = wish.gop_frames ? "scenecut=0" : "scenecut=40:min-keyint=" + text(1U << 29);
    return {
        {"pass", "qual"},
        {"quantizer", std::to_string(quality)},
        {"speed-preset", wish.speed},
        {"key-int-max", text(wish.gop_frames ? wish.gop_frames : 1U << 30)},
        {"threads", text(wish.threads)},
        {"sync-lookahead", "0"},
        {"aud", "false"},
        // With capacity 0 the bit rate is not looked at; without it x264enc caps at its default of 2048
        // kbit/s.
        {"bitrate", text(capped ? std::min<std::uint64_t>(bucket(wish).rate_kbps, 2'048'000) : 2'048'000)},
        {"vbv-buf-capacity", text(capped ? std::clamp(wish.buffer_ms, 1U, 10'000U) : 0)},
        {"option-string",
         cuts + ":open-gop=0:cpu-independent=1:vbv-init=1.0:rc-lookahead=16:aq-strength=0.9:qcomp=0.62"}};
}

// No CRF here: one quantiser for all frames, which a cap may raise. Its own scene detection would add IDR
// frames.
Settings openh264(const Wish &wish, int quality)
{
    const bool capped = wish.max_bitrate_bps > 0;
    const int rank = speed_rank(wish.speed);
    const std::string q = std::to_string(std::clamp(quality, 0, 51));
    return {{"rate-control", capped ? "bitrate" : "quality"},
            {"qp-min", q},
            {"qp-max", capped ? "51" : q},
            {"bitrate", text(capped ? std::min<std::uint64_t>(wish.max_bitrate_bps, 1U << 31) : 100'000'000)},
            {"max-bitrate", text(capped ? std::min<std::uint64_t>(wish.max_bitrate_bps, 1U << 31) : 0)},
            {"gop-size", text(wish.gop_frames)},
            {"scene-change-detection", "false"},
            {"enable-frame-skip", "false"},
            {"multi-thread", text(std::max(1U, wish.threads))},
            {"complexity", rank <= 2   ? "low"
                           : rank <= 5 ? "medium"
                                       : "high"}};
}

// `info=0`: no SEI with the settings in it. One frame thread and no pool: the only way x265 repeats itself
// bit for bit.
Settings x265(const Wish &wish, int quality)
{
    const std::string gop = text(wish.gop_frames ? wish.gop_frames : 1U << 30);
    std::string options = "crf=" + std::to_string(quality) + ":scenecut=0:open-gop=0:keyint=" + gop +
                          ":min-keyint=" + gop + ":info=0:repeat-headers=0:aud=0";
    options += wish.threads > 1 ? ":frame-threads=1:pools=" + text(wish.threads)
                                : ":frame-threads=1:pools=none:wpp=0";
    if (wish.max_bitrate_bps > 0)
        options += ":vbv-maxrate=" + text(bucket(wish).rate_kbps) +
                   ":vbv-bufsize=" + text(bucket(wish).size_kbit) + ":vbv-init=1.0";
    if (!wish.level.empty())
        options += ":level-idc=" + wish.level;
    return {{"speed-preset", wish.speed},
            {"tune", "0"},
            {"key-int-max", text(std::min(wish.gop_frames, 1U << 30))},
            {"option-string", options}};
}

Settings vp9(const Wish &wish, int quality)
{
    const std::uint64_t cap_bps = wish.max_bitrate_bps ? wish.max_bitrate_bps : 1'000'000'000;
    // Frames that many others refer to may be finer than what is asked for: that pays. A floor at the quality
    // itself costs 14 % of the bits.
    constexpr const char *finest = "4";
    return {{"end-usage", "cq"},
            {"cq-level", std::to_string(quality)},
            {"target-bitrate", text(std::min<std::uint64_t>(cap_bps, 1'000'000'000))},
            {"min-quantizer", finest},
            {"max-quantizer", wish.max_bitrate_bps ? "63" : std::to_string(quality)},
            {"keyframe-mode", "disabled"},
            {"deadline", "1000000"},
            {"cpu-used", std::to_string(std::clamp(7 - speed_rank(wish.speed), 0, 6))},
            {"lag-in-frames", "16"},
            {"auto-alt-ref", "true"},
            {"row-mt", "false"},
            {"tile-columns", "0"},
            {"threads", text(wish.threads)}};
}

// av1enc 1.22 has no cq-level: a fixed quantiser is said by its two limits, and with a cap it is the finest
// that the rate control may take. In the real-time profile no frame is hidden or waits for others.
Settings av1(const Wish &wish, int quality)
{
    const bool capped = wish.max_bitrate_bps > 0;
    return {{"usage-profile", "realtime"},
            {"end-usage", capped ? "cbr" : "q"},
            {"min-quantizer", std::to_string(quality)},
            {"max-quantizer", capped ? "63" : std::to_string(quality)},
            {"target-bitrate", text(capped ? bucket(wish).rate_kbps : 1'000'000)},
            {"buf-sz", text(std::max(1U, wish.buffer_ms))},
            {"buf-initial-sz", text(std::max(1U, wish.buffer_ms))},
            {"buf-optimal-sz", text(std::max(1U, wish.buffer_ms / 2))},
            {"keyframe-max-dist", text(wish.gop_frames ? wish.gop_frames : 1U << 30)},
            {"cpu-used", std::to_string(std::clamp(10 - speed_rank(wish.speed), 1, 10))},
            {"lag-in-frames", "0"},
            {"row-mt", "false"},
            {"threads", text(wish.threads)}};
}

constexpr const char *avc = "video/x-h264,stream-format=avc,alignment=au";
constexpr const char *hvc1 = "video/x-h265,stream-format=hvc1,alignment=au";

constexpr std::array<Encoder, 5> table = {{
    {.codec = "h264",
     .factory = "x264enc",
     .parser = nullptr,
     .encoder_caps = avc,
     .caps = avc,
     .default_quality = 23,
     .caps_carry_profile = true,
     .caps_carry_level = true,
     .needs_forced_keyframes = false,
     .library = "libx264.so",
     .settings = x264},
    {.codec = "h264",
     .factory = "openh264enc",
     .parser = "h264parse",
     .encoder_caps = "video/x-h264,stream-format=byte-stream,alignment=au",
     .caps = avc,
     .default_quality = 26,
     .caps_carry_profile = false,
     .caps_carry_level = false,
     .needs_forced_keyframes = false,
     .library = "libopenh264.so",
     .settings = openh264},
    {.codec = "h265",
     .factory = "x265enc",
     .parser = "h265parse",
     .encoder_caps = "video/x-h265,stream-format=byte-stream,alignment=au",
     .caps = hvc1,
     .default_quality = 28,
     .caps_carry_profile = true,
     .caps_carry_level = false,
     .needs_forced_keyframes = false,
     .library = "libx265.so",
     .settings = x265},
    {.codec = "vp9",
     .factory = "vp9enc",
     .parser = "vp9parse",
     .encoder_caps = "video/x-vp9",
     .caps = "video/x-vp9,alignment=super-frame",
     .default_quality = 33,
     .caps_carry_profile = false,
     .caps_carry_level = false,
     .needs_forced_keyframes = true,
     .library = "libvpx.so",
     .settings = vp9},
    {.codec = "av1",
     .factory = "av1enc",
     .parser = "av1parse",
     .encoder_caps = "video/x-av1",
     .caps = "video/x-av1,stream-format=obu-stream,alignment=tu",
     .default_quality = 32,
     .caps_carry_profile = false,
     .caps_carry_level = false,
     .needs_forced_keyframes = false,
     .library = "libaom.so",
     .settings = av1},
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

Settings settings_for(const Encoder &encoder, const Wish &wish)
{
    return encoder.settings(wish,
                            wish.constant_quality < 0 ? encoder.default_quality : wish.constant_quality);
}

} // namespace butaca::video
