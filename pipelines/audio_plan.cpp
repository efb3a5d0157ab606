// SPDX-License-Identifier: LGPL-2.1-or-later
// The arithmetic of audio segments.
#include "pipelines/audio_plan.h"

#include <algorithm>
#include <numeric>

#include "pipelines/dynamics.h"
#include "pipelines/segment_graph.h"
#include "pipelines/ticks.h"

namespace butaca::pipelines {

namespace {

// Source samples on either side of the wanted ones, more than the longest filter of audioresample reaches.
constexpr std::int64_t filter_samples = 2048;
// Output frames fed beyond the last wanted one: real sound, for encoders look ahead.
constexpr std::int64_t tail_frames = 3;

std::int64_t floor_to(std::int64_t value, std::int64_t step)
{
    const std::int64_t rest = value % step;
    return value - (rest < 0 ? rest + step : rest);
}

// How much earlier than its first wanted sample a stream must be decoded for the decoder to have settled,
// and for a packet that began earlier to be included.
std::int64_t settle_ns(std::string_view caps, std::int64_t rate)
{
    const auto is = [caps](std::string_view type) { return caps.starts_with(type); };
    const auto packets = [rate](std::int64_t count, std::int64_t samples) {
        return std::max(second_ns / 4, ns_from(count * samples, rate));
    };
    if (is("audio/mpeg"))
        // MP3's bit reservoir reaches back over several packets; AAC's packets overlap by one.
        return caps.find("mpegversion=(int)1") != caps.npos || caps.find("mpegversion=1") != caps.npos
                   ? packets(12, 1152)
                   : packets(4, 2048);
    if (is("audio/x-raw") || is("audio/x-opus"))
        return second_ns / 4;
    if (is("audio/x-ac3") || is("audio/x-eac3") || is("audio/x-private1-ac3"))
        return packets(4, 1536);
    if (is("audio/x-vorbis"))
        return packets(3, 8192);
    // FLAC and Windows Media have packets of up to more than a second.
    return 2 * second_ns;
}

} // namespace

std::int64_t source_sample(const AudioJob &audio, std::int64_t time_ns)
{
    const std::int64_t raw = ticks_from(time_ns - audio.zero_ns, audio.source_rate);
    if (audio.packet_samples == 0)
        return raw;
    const std::int64_t origin = ticks_from(audio.packets_from_ns - audio.zero_ns, audio.source_rate);
    return origin + scale_round(raw - origin, 1, audio.packet_samples) * audio.packet_samples;
}

Result<AudioPlan> plan_audio(const AudioJob &audio, std::string_view caps, EncoderDelay delay)
{
    const std::int64_t frame = audio.frame_samples;
    if (delay.frame_samples != frame)
        return fail(ErrorCode::unsupported, "the installed encoder makes frames of another length");
    AudioPlan plan;
    const std::int64_t whole = delay.delay_samples / frame;
    const std::int64_t part = delay.delay_samples % frame;
    const std::int64_t preroll = preroll_packets(audio.codec);
    plan.skip_packets = preroll + whole;
    const std::int64_t first = audio.first_frame - audio.lead_frames;
    plan.first_out = (first - preroll) * frame + part;
    plan.end_out = (first + audio.frame_count + whole + tail_frames) * frame + part;

    const std::int64_t reach = audio.night ? night_reach(audio.rate) : 0;
    plan.first_shaped = plan.first_out - reach;
    plan.end_shaped = plan.end_out + reach;
    const std::int64_t common = std::gcd<std::int64_t>(audio.source_rate, audio.rate);
    const std::int64_t source_step = audio.source_rate / common;
    const std::int64_t out_step = audio.rate / common;
    const std::int64_t margin = source_step == out_step ? 0 : filter_samples;
    const std::int64_t steps_before = floor_to(plan.first_shaped, out_step) / out_step;
    plan.first_source = floor_to(steps_before * source_step - margin, source_step);
    plan.resampled_from = plan.first_source / source_step * out_step;
    plan.end_source = (floor_to(plan.end_shaped, out_step) / out_step + 1) * source_step + margin;

    plan.packets_from_ns =
        audio.zero_ns + ns_from(plan.first_source, audio.source_rate) - settle_ns(caps, audio.source_rate);
    plan.packets_to_ns = audio.zero_ns + ns_from(plan.end_source, audio.source_rate);
    return plan;
}

} // namespace butaca::pipelines
