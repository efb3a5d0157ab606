// SPDX-License-Identifier: LGPL-2.1-or-later
// Packets in, one encoded segment out: decode, place, resample, cut, encode.
#include "pipelines/audio_maker.h"

#include <utility>

#include <gst/app/gstappsrc.h>
#include <gst/audio/audio.h>

#include "pipelines/audio_graph.h"
#include "pipelines/elements.h"
#include "pipelines/sample_strip.h"
#include "pipelines/segment_graph.h"
#include "pipelines/ticks.h"

namespace butaca::pipelines {

namespace {

// Samples of one kind: interleaved floats, and the caps that say which channel is which.
struct Sound {
    SampleStrip strip;
    Owned<GstCaps> caps;
};

std::span<const float> floats(const MappedBuffer &map)
{
    return {reinterpret_cast<const float *>(map.bytes().data()), map.bytes().size() / sizeof(float)};
}

unsigned channels_of(GstCaps *caps)
{
    int channels = 0;
    if (caps)
        gst_structure_get_int(gst_caps_get_structure(caps, 0), "channels", &channels);
    return channels > 0 ? static_cast<unsigned>(channels) : 0;
}

Owned<GstBuffer> buffer_of(const std::vector<float> &samples, std::int64_t count, std::uint32_t rate)
{
    auto buffer = adopt(gst_buffer_new_memdup(samples.data(), samples.size() * sizeof(float)));
    GST_BUFFER_PTS(buffer.get()) = 0;
    GST_BUFFER_DURATION(buffer.get()) = static_cast<GstClockTime>(ns_from(count, rate));
    return buffer;
}

// Decoders that work on a damaged packet may end in an error: what came before it stands.
bool is_damage(const Error &error) { return error.code == ErrorCode::unsupported; }

// Feeds one chain from end to end, calling `take` for all that comes out.
template <typename Take>
Status run_chain(const Graph &graph, std::span<const TimedSample> input, std::int64_t base_ns,
                 Activity &activity, const Take &take)
{
    auto run = Run::build(graph, activity);
    if (!run)
        return fail(std::move(run.error()));
    GstElement *feed = (*run)->element("feed");
    GstElement *sink = (*run)->element("sink");
    if (auto playing = (*run)->play(); !playing)
        return playing;
    GstCaps *caps = nullptr;
    for (const auto &packet : input) {
        if (GstCaps *now = gst_sample_get_caps(packet.sample.get()); now != caps)
            gst_app_src_set_caps(GST_APP_SRC(feed), caps = now);
        auto buffer = adopt(gst_buffer_copy(gst_sample_get_buffer(packet.sample.get())));
        GST_BUFFER_PTS(buffer.get()) = static_cast<GstClockTime>(packet.time_ns - base_ns);
        GST_BUFFER_DTS(buffer.get()) = GST_CLOCK_TIME_NONE;
        GST_BUFFER_FLAG_UNSET(buffer.get(), GST_BUFFER_FLAG_DISCONT | GST_BUFFER_FLAG_RESYNC);
        if (auto pushed = (*run)->push(feed, std::move(buffer)); !pushed)
            return pushed;
    }
    if (auto ended = (*run)->finish(feed); !ended)
        return ended;
    for (;;) {
        auto sample = (*run)->pull(sink);
        if (!sample)
            return fail(std::move(sample.error()));
        if (!*sample)
            return {};
        take(sample->get());
    }
}

Result<Sound> decode(const Job &job, const AudioPlan &plan, std::span<const TimedSample> packets,
                     Activity &activity)
{
    const AudioJob &audio = job.audio;
    auto elements = stream_elements(job.origin.caps);
    if (!elements)
        return fail(std::move(elements.error()));
    Sound sound{SampleStrip(plan.first_source, plan.end_source, audio.channels), nullptr};
    // Buffers' times start above zero whatever the source's axis does.
    const std::int64_t base_ns = plan.packets_from_ns - second_ns;
    const auto take = [&](GstSample *sample) {
        GstBuffer *buffer = gst_sample_get_buffer(sample);
        GstCaps *caps = gst_sample_get_caps(sample);
        if (!sound.caps && channels_of(caps) > 0) {
            sound.caps = adopt(gst_caps_ref(caps));
            sound.strip = SampleStrip(plan.first_source, plan.end_source, channels_of(caps));
        }
        MappedBuffer map(buffer);
        if (!map || !GST_BUFFER_PTS_IS_VALID(buffer) || channels_of(caps) != sound.strip.channels())
            return;
        const std::int64_t time_ns = base_ns + static_cast<std::int64_t>(GST_BUFFER_PTS(buffer));
        sound.strip.place(source_sample(audio, time_ns), floats(map));
    };
    auto done =
        run_chain(audio_decode_graph(elements->decoder, audio.source_rate), packets, base_ns, activity, take);
    if (!done && !is_damage(done.error()))
        return fail(std::move(done.error()));
    if (!sound.caps)
        sound.caps = adopt(gst_caps_new_simple(
            "audio/x-raw", "format", G_TYPE_STRING, "F32LE", "layout", G_TYPE_STRING, "interleaved",
            "channels", G_TYPE_INT, static_cast<int>(audio.channels), "rate", G_TYPE_INT,
            static_cast<int>(audio.source_rate), "channel-mask", GST_TYPE_BITMASK,
            gst_audio_channel_get_fallback_mask(static_cast<int>(audio.channels)), nullptr));
    return sound;
}

Result<Sound> resample(const AudioJob &audio, const AudioPlan &plan, Sound sound, Activity &activity)
{
    if (audio.source_rate == audio.rate)
        return sound;
    const unsigned channels = sound.strip.channels();
    Sound out{SampleStrip(plan.first_out, plan.end_out, channels), nullptr};
    TimedSample all{
        adopt(gst_sample_new(
            buffer_of(sound.strip.samples(), sound.strip.to() - sound.strip.from(), audio.source_rate).get(),
            sound.caps.get(), nullptr, nullptr)),
        0};
    std::int64_t position = plan.resampled_from;
    const auto take = [&](GstSample *sample) {
        if (!out.caps)
            out.caps = adopt(gst_caps_ref(gst_sample_get_caps(sample)));
        MappedBuffer map(gst_sample_get_buffer(sample));
        if (!map)
            return;
        out.strip.place(position, floats(map));
        position += static_cast<std::int64_t>(floats(map).size() / channels);
    };
    auto done = run_chain(resample_graph(audio.rate), std::span(&all, 1), 0, activity, take);
    if (!done)
        return fail(std::move(done.error()));
    if (!out.caps)
        return fail(ErrorCode::internal, "making the segment failed", "the resampler gave nothing");
    return out;
}

} // namespace

Result<EncoderDelay> encoder_delay(const AudioJob &audio)
{
    auto element = sink(gst_element_factory_make("audiocompress", nullptr));
    if (!element)
        return fail(ErrorCode::unsupported, "a media element is not installed: audiocompress");
    g_object_set(element.get(), "rate", static_cast<int>(audio.rate), nullptr);
    gst_util_set_object_arg(G_OBJECT(element.get()), "codec", audio.codec.c_str());
    guint frame_samples = 0;
    guint delay_samples = 0;
    g_object_get(element.get(), "frame-samples", &frame_samples, "delay-samples", &delay_samples, nullptr);
    return EncoderDelay{frame_samples, delay_samples};
}

Result<MakingNotes> make_audio(const Job &job, const AudioPlan &plan, std::span<const TimedSample> packets,
                               const SegmentOutput &output, Activity &activity)
{
    auto decoded = decode(job, plan, packets, activity);
    if (!decoded)
        return fail(std::move(decoded.error()));
    // What lies before presentation time 0 only primed the decoder; no filter may reach into it.
    decoded->strip.keep(0, plan.end_source);
    auto sound = resample(job.audio, plan, std::move(*decoded), activity);
    if (!sound)
        return fail(std::move(sound.error()));
    sound->strip.keep(0, job.audio.total_samples);
    auto run =
        SegmentRun::start(audio_segment_graph(job, plan.skip_packets), job.init_only, output, activity);
    if (!run)
        return fail(std::move(run.error()));
    (*run)->set_caps(sound->caps.get());
    const auto samples = sound->strip.cut(plan.first_out, plan.end_out);
    auto pushed = (*run)->push(buffer_of(samples, plan.end_out - plan.first_out, job.audio.rate));
    if (pushed)
        pushed = (*run)->finish();
    if (!pushed)
        return fail(std::move(pushed.error()));
    return MakingNotes{};
}

} // namespace butaca::pipelines
