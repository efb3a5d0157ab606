// SPDX-License-Identifier: LGPL-2.1-or-later
// Packets in, one encoded segment out: decode, place, resample, cut, encode.
#include "pipelines/audio_maker.h"

#include <algorithm>
#include <functional>
#include <string_view>
#include <utility>

#include <gst/app/gstappsink.h>
#include <gst/app/gstappsrc.h>
#include <gst/audio/audio.h>

#include "pipelines/ac3_frame.h"
#include "pipelines/audio_graph.h"
#include "pipelines/dynamics.h"
#include "pipelines/elements.h"
#include "pipelines/piece_layout.h"
#include "pipelines/sample_strip.h"
#include "pipelines/segment_graph.h"
#include "pipelines/ticks.h"

namespace butaca::pipelines {

namespace {

// Containers round times by up to half a millisecond either way, some by a little more.
constexpr std::int64_t rounding_ms = 3;

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

Owned<GstBuffer> buffer_of(const std::vector<float> &samples)
{
    auto buffer = adopt(gst_buffer_new_memdup(samples.data(), samples.size() * sizeof(float)));
    GST_BUFFER_PTS(buffer.get()) = 0;
    return buffer;
}

// Decoders that work on a damaged packet may end in an error: what came before it stands.
bool is_damage(const Error &error) { return error.code == ErrorCode::unsupported; }

// Gives silence instead of a damaged packet where a decoder would give whatever lies in memory.
bool is_no_sound(GstSample *packet)
{
    const GstCaps *caps = gst_sample_get_caps(packet);
    if (!caps)
        return false;
    const std::string_view name(gst_structure_get_name(gst_caps_get_structure(caps, 0)));
    if (name != "audio/x-ac3" && name != "audio/x-eac3")
        return false;
    const MappedBuffer map(gst_sample_get_buffer(packet));
    return map && is_damaged_ac3(map.bytes());
}

// What comes out of a chain, and during which packet.
struct Yield {
    GstSample *sample = nullptr; // borrowed
    std::int64_t packet_ns = 0;  // where that packet begins
    bool first = false;          // of what this packet gives
};

// Feeds one chain from end to end. `take` is called on the streaming thread, before this returns.
//
// Times are not taken from the decoder: when a packet gives nothing (the first one of many AAC files),
// avdec_aac labels all that follows one packet too early. What comes out while a packet goes in is its.
class Chain {
public:
    Chain(Activity &activity, std::int64_t base_ns, std::function<void(const Yield &)> take)
        : activity_(activity), base_ns_(base_ns), take_(std::move(take))
    {
    }

    Status run(const Graph &graph, std::span<const TimedSample> input)
    {
        auto built = Run::build(graph, activity_);
        if (!built)
            return fail(std::move(built.error()));
        Run &run = **built;
        GstElement *feed = run.element("feed");
        auto entry = adopt(gst_element_get_static_pad(feed, "src"));
        gst_pad_add_probe(entry.get(), GST_PAD_PROBE_TYPE_BUFFER, packet_enters, this, nullptr);
        GstAppSinkCallbacks callbacks{};
        callbacks.new_sample = sample_leaves;
        gst_app_sink_set_callbacks(GST_APP_SINK(run.element("sink")), &callbacks, this, nullptr);
        auto done = run.play();
        GstCaps *caps = nullptr;
        for (std::size_t i = 0; i < input.size() && done; ++i) {
            if (is_no_sound(input[i].sample.get()))
                continue;
            if (GstCaps *now = gst_sample_get_caps(input[i].sample.get()); now != caps)
                gst_app_src_set_caps(GST_APP_SRC(feed), caps = now);
            done = run.push(feed, retimed(input[i]));
        }
        if (done)
            done = run.finish(feed);
        if (done)
            done = run.wait_for_end();
        return done;
    }

private:
    Owned<GstBuffer> retimed(const TimedSample &packet) const
    {
        auto buffer = adopt(gst_buffer_copy(gst_sample_get_buffer(packet.sample.get())));
        GST_BUFFER_PTS(buffer.get()) = static_cast<GstClockTime>(packet.time_ns - base_ns_);
        GST_BUFFER_DTS(buffer.get()) = GST_CLOCK_TIME_NONE;
        GST_BUFFER_FLAG_UNSET(buffer.get(), GST_BUFFER_FLAG_DISCONT | GST_BUFFER_FLAG_RESYNC);
        return buffer;
    }
    static GstPadProbeReturn packet_enters(GstPad *, GstPadProbeInfo *info, gpointer data) noexcept
    {
        auto *self = static_cast<Chain *>(data);
        const GstBuffer *packet = GST_PAD_PROBE_INFO_BUFFER(info);
        self->now_.packet_ns = self->base_ns_ + static_cast<std::int64_t>(GST_BUFFER_PTS(packet));
        self->now_.first = true;
        return GST_PAD_PROBE_OK;
    }
    static GstFlowReturn sample_leaves(GstAppSink *sink, gpointer data) noexcept
    {
        auto *self = static_cast<Chain *>(data);
        auto sample = adopt(gst_app_sink_try_pull_sample(sink, 0));
        if (!sample)
            return GST_FLOW_OK;
        self->activity_.moved();
        self->now_.sample = sample.get();
        self->take_(self->now_);
        self->now_.first = false;
        return GST_FLOW_OK;
    }

    Activity &activity_;
    std::int64_t base_ns_;
    std::function<void(const Yield &)> take_;
    Yield now_; // streaming thread
};

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
    std::vector<Piece> pieces;
    unsigned channels = 0;
    Chain chain(activity, base_ns, [&](const Yield &yield) {
        GstCaps *caps = gst_sample_get_caps(yield.sample);
        if (!sound.caps && channels_of(caps) > 0) {
            sound.caps = adopt(gst_caps_ref(caps));
            channels = channels_of(caps);
        }
        MappedBuffer map(gst_sample_get_buffer(yield.sample));
        if (!map || channels == 0 || channels_of(caps) != channels)
            return;
        if (yield.first)
            pieces.push_back({source_sample(audio, yield.packet_ns), {}});
        if (!pieces.empty())
            pieces.back().samples.insert(pieces.back().samples.end(), floats(map).begin(), floats(map).end());
    });
    auto done = chain.run(audio_decode_graph(elements->decoder, audio.source_rate), packets);
    if (!done && !is_damage(done.error()))
        return fail(std::move(done.error()));
    if (channels > 0) {
        for (auto &piece : pieces)
            if (audio.told_at_end)
                piece.position -= static_cast<std::int64_t>(piece.samples.size() / channels);
        std::optional<std::int64_t> anchor;
        if (audio.anchor_ns)
            // In two steps: half a sample in the first must not be rounded up for one segment and down for
            // another.
            anchor = ticks_from(audio.packets_from_ns - audio.zero_ns, audio.source_rate) +
                     ticks_from(*audio.anchor_ns - audio.packets_from_ns, audio.source_rate);
        lay_out(pieces, channels, audio.source_rate * rounding_ms / 1000, anchor);
        sound.strip = SampleStrip(plan.first_source, plan.end_source, channels);
        for (const auto &piece : pieces)
            sound.strip.place(piece.position, piece.samples);
    }
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
    Sound out{SampleStrip(plan.first_shaped, plan.end_shaped, channels), nullptr};
    TimedSample all{
        adopt(gst_sample_new(buffer_of(sound.strip.samples()).get(), sound.caps.get(), nullptr, nullptr)), 0};
    std::int64_t position = plan.resampled_from;
    Chain chain(activity, 0, [&](const Yield &yield) {
        if (!out.caps)
            out.caps = adopt(gst_caps_ref(gst_sample_get_caps(yield.sample)));
        MappedBuffer map(gst_sample_get_buffer(yield.sample));
        if (!map)
            return;
        out.strip.place(position, floats(map));
        position += static_cast<std::int64_t>(floats(map).size() / channels);
    });
    auto done = chain.run(resample_graph(audio.rate), std::span(&all, 1));
    if (!done)
        return fail(std::move(done.error()));
    if (!out.caps)
        return fail(ErrorCode::internal, "making the segment failed", "the resampler gave nothing");
    return out;
}

void shape(const AudioJob &audio, SampleStrip &strip)
{
    amplify(strip.writable(), audio.gain_mdb);
    if (audio.night)
        night_mode(strip.writable(), strip.channels(), strip.from(), audio.rate);
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
    const std::int64_t heard = job.audio.total_samples - job.audio.lead_frames * job.audio.frame_samples;
    sound->strip.keep(0, heard);
    shape(job.audio, sound->strip);
    auto run =
        SegmentRun::start(audio_segment_graph(job, plan.skip_packets), job.init_only, output, activity);
    if (!run)
        return fail(std::move(run.error()));
    (*run)->set_caps(sound->caps.get());
    Status pushed;
    // What loses nothing adds nothing either: its last frame is shorter.
    const std::int64_t end_out = job.audio.codec == "flac" ? std::min(plan.end_out, heard) : plan.end_out;
    // One frame at a time: given much more at once, encoders lose packets.
    for (std::int64_t at = plan.first_out; at < end_out && pushed; at += job.audio.frame_samples) {
        const std::int64_t end = std::min<std::int64_t>(at + job.audio.frame_samples, end_out);
        auto frame = buffer_of(sound->strip.cut(at, end));
        GST_BUFFER_PTS(frame.get()) = static_cast<GstClockTime>(ns_from(at - plan.first_out, job.audio.rate));
        pushed = (*run)->push(std::move(frame));
    }
    if (pushed)
        pushed = (*run)->finish();
    if (!pushed)
        return fail(std::move(pushed.error()));
    return MakingNotes{};
}

} // namespace butaca::pipelines
