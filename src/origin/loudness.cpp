// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/origin/loudness.h"

#include <cmath>
#include <memory>
#include <mutex>
#include <vector>

#include <ebur128.h>
#include <gst/audio/audio.h>
#include <gst/gst.h>

#include "src/base/gst.h"
#include "src/origin/container.h"

namespace butaca::origin {

namespace {

constexpr GstClockTime patience = 600 * GST_SECOND;
constexpr unsigned buffers_per_dot = 256;

struct Freed {
    void operator()(ebur128_state *state) const { ebur128_destroy(&state); }
};

// One track on its way through decoder and meter. Streaming thread, then the main one once all has ended.
struct Meter {
    std::string pad;
    std::unique_ptr<ebur128_state, Freed> state;
    unsigned buffers = 0;
    const std::function<void()> *progress = nullptr;

    void begin(const GstAudioInfo &info)
    {
        const auto channels = static_cast<unsigned>(GST_AUDIO_INFO_CHANNELS(&info));
        state.reset(ebur128_init(channels, static_cast<unsigned long>(GST_AUDIO_INFO_RATE(&info)),
                                 EBUR128_MODE_I | EBUR128_MODE_TRUE_PEAK));
        for (unsigned c = 0; state && c < channels && !GST_AUDIO_INFO_IS_UNPOSITIONED(&info); c++)
            ebur128_set_channel(state.get(), c, channel_of(info.position[c]));
    }
    static int channel_of(GstAudioChannelPosition position)
    {
        switch (position) {
        case GST_AUDIO_CHANNEL_POSITION_LFE1:
        case GST_AUDIO_CHANNEL_POSITION_LFE2:
            return EBUR128_UNUSED;
        case GST_AUDIO_CHANNEL_POSITION_REAR_LEFT:
        case GST_AUDIO_CHANNEL_POSITION_SIDE_LEFT:
            return EBUR128_LEFT_SURROUND;
        case GST_AUDIO_CHANNEL_POSITION_REAR_RIGHT:
        case GST_AUDIO_CHANNEL_POSITION_SIDE_RIGHT:
            return EBUR128_RIGHT_SURROUND;
        case GST_AUDIO_CHANNEL_POSITION_FRONT_RIGHT:
            return EBUR128_RIGHT;
        case GST_AUDIO_CHANNEL_POSITION_FRONT_LEFT:
            return EBUR128_LEFT;
        default:
            return EBUR128_CENTER;
        }
    }
    void take(GstBuffer *buffer)
    {
        const MappedBuffer map(buffer);
        if (!state || !map)
            return;
        ebur128_add_frames_float(state.get(), reinterpret_cast<const float *>(map.bytes().data()),
                                 map.bytes().size() / sizeof(float) / state->channels);
        if (++buffers % buffers_per_dot == 0)
            (*progress)();
    }
    // Nothing for silence, which has no loudness.
    std::optional<media::Loudness> result() const
    {
        double integrated = 0;
        if (!state || ebur128_loudness_global(state.get(), &integrated) != EBUR128_SUCCESS ||
            !std::isfinite(integrated))
            return std::nullopt;
        double peak = 0;
        for (unsigned c = 0; c < state->channels; c++) {
            double of_channel = 0;
            if (ebur128_true_peak(state.get(), c, &of_channel) == EBUR128_SUCCESS)
                peak = std::max(peak, of_channel);
        }
        if (peak <= 0)
            return std::nullopt;
        return media::Loudness{integrated, 20 * std::log10(peak)};
    }
};

// filesrc ! (tag demuxers) ! demuxer, and for each track of sound decodebin ! audioconvert ! meter.
class Metering {
public:
    explicit Metering(const std::function<void()> &progress) : progress_(progress) {}
    ~Metering()
    {
        if (pipeline_)
            gst_element_set_state(pipeline_.get(), GST_STATE_NULL);
    }
    Metering(const Metering &) = delete;
    Metering &operator=(const Metering &) = delete;

    Status run(int fd, const Container &container)
    {
        pipeline_ = sink(gst_pipeline_new(nullptr));
        GstElement *previous = add("filesrc");
        if (!previous)
            return fail(ErrorCode::unsupported, "a media element is not installed: filesrc");
        g_object_set(previous, "location", ("/proc/self/fd/" + std::to_string(fd)).c_str(), nullptr);
        std::vector<std::string> chain = container.wrappers;
        chain.push_back(container.demuxer);
        for (const std::string &factory : chain) {
            GstElement *element = add(factory.c_str());
            if (!element || !gst_element_link(previous, element))
                return fail(ErrorCode::unsupported, "a media element is not installed: " + factory);
            previous = element;
        }
        g_signal_connect(previous, "pad-added",
                         G_CALLBACK(+[](GstElement *, GstPad *pad, gpointer self) noexcept {
                             static_cast<Metering *>(self)->add_track(pad);
                         }),
                         this);
        if (auto ready = adopt(gst_element_get_static_pad(previous, "src")))
            add_track(ready.get());
        gst_element_set_state(pipeline_.get(), GST_STATE_PLAYING);
        return wait();
    }
    media::LoudnessReport report() const
    {
        media::LoudnessReport report;
        for (const auto &meter : meters_)
            if (auto loudness = meter->result())
                report.tracks[meter->pad] = *loudness;
        return report;
    }

private:
    GstElement *add(const char *factory)
    {
        GstElement *element = gst_element_factory_make(factory, nullptr);
        if (element)
            gst_bin_add(GST_BIN(pipeline_.get()), element);
        return element;
    }
    // A branch that ends in nothing; a track that is not metered flows into one too.
    GstElement *add_end()
    {
        GstElement *end = add("fakesink");
        if (end)
            g_object_set(end, "sync", FALSE, "async", FALSE, nullptr);
        return end;
    }
    void add_track(GstPad *pad)
    {
        if (GST_PAD_DIRECTION(pad) != GST_PAD_SRC)
            return;
        auto caps = adopt(gst_pad_get_current_caps(pad));
        if (!caps)
            caps = adopt(gst_pad_query_caps(pad, nullptr));
        const bool sound =
            caps && !gst_caps_is_empty(caps.get()) && !gst_caps_is_any(caps.get()) &&
            g_str_has_prefix(gst_structure_get_name(gst_caps_get_structure(caps.get(), 0)), "audio/");
        GstElement *first = sound ? add("decodebin") : add_end();
        if (!first)
            return;
        if (sound) {
            const std::lock_guard lock(mutex_);
            auto &meter = meters_.emplace_back(std::make_unique<Meter>());
            const auto name = adopt(gst_pad_get_name(pad));
            meter->pad = name.get();
            meter->progress = &progress_;
            g_object_set_data(G_OBJECT(first), "meter", meter.get());
            g_signal_connect(first, "pad-added",
                             G_CALLBACK(+[](GstElement *bin, GstPad *out, gpointer self) noexcept {
                                 static_cast<Metering *>(self)->add_meter(bin, out);
                             }),
                             this);
        }
        const auto entry = adopt(gst_element_get_static_pad(first, "sink"));
        gst_pad_link(pad, entry.get());
        gst_element_sync_state_with_parent(first);
    }
    void add_meter(GstElement *bin, GstPad *out)
    {
        GstElement *convert = add("audioconvert");
        GstElement *filter = add("capsfilter");
        GstElement *end = add_end();
        if (!convert || !filter || !end)
            return;
        const auto caps = adopt(gst_caps_from_string("audio/x-raw,format=F32LE,layout=interleaved"));
        g_object_set(filter, "caps", caps.get(), nullptr);
        gst_element_link_many(convert, filter, end, nullptr);
        const auto watched = adopt(gst_element_get_static_pad(end, "sink"));
        gst_pad_add_probe(
            watched.get(),
            static_cast<GstPadProbeType>(GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM),
            passing, g_object_get_data(G_OBJECT(bin), "meter"), nullptr);
        const auto entry = adopt(gst_element_get_static_pad(convert, "sink"));
        gst_pad_link(out, entry.get());
        for (GstElement *element : {end, filter, convert})
            gst_element_sync_state_with_parent(element);
    }
    static GstPadProbeReturn passing(GstPad *, GstPadProbeInfo *info, gpointer data) noexcept
    {
        auto &meter = *static_cast<Meter *>(data);
        if (GST_IS_BUFFER(info->data)) {
            meter.take(GST_PAD_PROBE_INFO_BUFFER(info));
            return GST_PAD_PROBE_OK;
        }
        GstEvent *event = GST_PAD_PROBE_INFO_EVENT(info);
        GstAudioInfo audio;
        GstCaps *caps = nullptr;
        if (GST_EVENT_TYPE(event) != GST_EVENT_CAPS)
            return GST_PAD_PROBE_OK;
        gst_event_parse_caps(event, &caps);
        // What changes in mid-file counts as far as the first kind goes.
        if (!meter.state && gst_audio_info_from_caps(&audio, caps))
            meter.begin(audio);
        return GST_PAD_PROBE_OK;
    }
    Status wait()
    {
        const auto bus = adopt(gst_element_get_bus(pipeline_.get()));
        // The parent kills what shows no progress; this only ends a pipeline that says nothing any more.
        for (;;) {
            const auto message = adopt(gst_bus_timed_pop_filtered(
                bus.get(), patience, static_cast<GstMessageType>(GST_MESSAGE_ERROR | GST_MESSAGE_EOS)));
            if (message && GST_MESSAGE_TYPE(message.get()) == GST_MESSAGE_EOS)
                return {};
            // What was heard until then counts.
            if (!message || GST_MESSAGE_TYPE(message.get()) == GST_MESSAGE_ERROR)
                return fail(ErrorCode::unsupported, "the sound could not be decoded to its end");
        }
    }

    const std::function<void()> &progress_;
    Owned<GstElement> pipeline_;
    std::mutex mutex_; // demuxers may add pads from several threads
    std::vector<std::unique_ptr<Meter>> meters_;
};

} // namespace

Result<media::LoudnessReport> measure_loudness(int fd, std::uint64_t size_bytes,
                                               const std::function<void()> &progress)
{
    auto container = identify(fd, size_bytes);
    if (!container)
        return fail(container.error());
    Metering metering(progress);
    auto run = metering.run(fd, *container);
    auto report = metering.report();
    if (!run && report.tracks.empty())
        return fail(run.error());
    return report;
}

} // namespace butaca::origin
