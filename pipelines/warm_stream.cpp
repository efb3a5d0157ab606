// SPDX-License-Identifier: LGPL-2.1-or-later
// Keeps an original open, and lands exactly.
#include "pipelines/warm_stream.h"

#include <algorithm>
#include <array>

#include <gst/video/video.h>

#include "pipelines/ticks.h"

namespace butaca::pipelines {

namespace {

// Containers round times; a keyframe within this counts as the one that was asked for.
constexpr std::int64_t rounding_ns = 1'000'000;
// Decoding on is cheaper than a jump up to here.
constexpr std::int64_t near_ns = second_ns;
// avdec_* 1.22 judges each packet by the time of the one before it in decoding order, which may be shown as
// much earlier as frames can be reordered (ISO 14496-10, A.3.1: sixteen).
constexpr std::int64_t reorder_frames = 17;

std::optional<std::int64_t> stream_time(const GstSegment *segment, const GstBuffer *buffer)
{
    // AVI has decoding times alone, except for keyframes.
    const GstClockTime stamp =
        GST_BUFFER_PTS_IS_VALID(buffer) ? GST_BUFFER_PTS(buffer) : GST_BUFFER_DTS(buffer);
    if (!segment || segment->format != GST_FORMAT_TIME || !GST_CLOCK_TIME_IS_VALID(stamp))
        return std::nullopt;
    guint64 time = 0;
    const int sign = gst_segment_to_stream_time_full(segment, GST_FORMAT_TIME, stamp, &time);
    if (sign == 0)
        return std::nullopt;
    return sign > 0 ? static_cast<std::int64_t>(time) : -static_cast<std::int64_t>(time);
}

std::optional<std::int64_t> stream_time(GstPad *pad, const GstBuffer *buffer)
{
    auto event = adopt(gst_pad_get_sticky_event(pad, GST_EVENT_SEGMENT, 0));
    if (!event)
        return std::nullopt;
    const GstSegment *segment = nullptr;
    gst_event_parse_segment(event.get(), &segment);
    return stream_time(segment, buffer);
}

Owned<GstPad> sink_pad_of(const Run &run, std::initializer_list<const char *> names)
{
    for (const char *name : names)
        if (GstElement *element = run.element(name))
            return adopt(gst_element_get_static_pad(element, "sink"));
    return nullptr;
}

} // namespace

Result<std::unique_ptr<WarmStream>> WarmStream::open(const Graph &graph, Activity &activity)
{
    auto run = Run::build(graph, activity);
    if (!run)
        return fail(std::move(run.error()));
    std::unique_ptr<WarmStream> stream(new WarmStream);
    stream->run_ = std::move(*run);
    stream->activity_ = &activity;
    stream->sink_ = stream->run_->element("sink");
    stream->gate_ = sink_pad_of(*stream->run_, {"parser", "decoder", "sink"});
    stream->entry_ = sink_pad_of(*stream->run_, {"decoder", "sink"});
    stream->exit_ = sink_pad_of(*stream->run_, {"sink"});
    if (GstElement *decoder = stream->run_->element("decoder"))
        stream->decoded_ = adopt(gst_element_get_static_pad(decoder, "src"));
    // Without the gate the decoder would work on the film's beginning, just to throw it away.
    stream->gate_id_ =
        gst_pad_add_probe(stream->gate_.get(),
                          static_cast<GstPadProbeType>(GST_PAD_PROBE_TYPE_BLOCK | GST_PAD_PROBE_TYPE_BUFFER),
                          gate_probe, stream.get(), nullptr);
    stream->entry_id_ = gst_pad_add_probe(stream->entry_.get(),
                                          static_cast<GstPadProbeType>(GST_PAD_PROBE_TYPE_BUFFER |
                                                                       GST_PAD_PROBE_TYPE_EVENT_FLUSH |
                                                                       GST_PAD_PROBE_TYPE_EVENT_UPSTREAM),
                                          entry_probe, stream.get(), nullptr);
    gst_pad_add_probe(
        stream->exit_.get(),
        static_cast<GstPadProbeType>(GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_QUERY_DOWNSTREAM),
        exit_probe, stream.get(), nullptr);
    if (auto playing = stream->run_->play(); !playing)
        return fail(std::move(playing.error()));
    auto arrived = stream->run_->wait_until([&stream] { return stream->arrived_.load(); });
    if (!arrived)
        return fail(std::move(arrived.error()));
    stream->learn_axis();
    return stream;
}

// matroskademux 1.22 counts stream time from the file's first packet, but takes seeks on the file's own axis.
void WarmStream::learn_axis()
{
    GstElement *demuxer = run_->element("demuxer");
    GstElementFactory *factory = demuxer ? gst_element_get_factory(demuxer) : nullptr;
    auto event = adopt(gst_pad_get_sticky_event(gate_.get(), GST_EVENT_SEGMENT, 0));
    if (!factory || !event || !g_str_equal(GST_OBJECT_NAME(factory), "matroskademux"))
        return;
    const GstSegment *segment = nullptr;
    gst_event_parse_segment(event.get(), &segment);
    if (segment->format == GST_FORMAT_TIME && GST_CLOCK_TIME_IS_VALID(segment->time))
        seek_offset_ns_ =
            static_cast<std::int64_t>(segment->start) - static_cast<std::int64_t>(segment->time);
}

WarmStream::~WarmStream()
{
    if (gate_id_)
        gst_pad_remove_probe(gate_.get(), gate_id_);
    run_.reset(); // first, for the entry probe points here
}

GstPadProbeReturn WarmStream::gate_probe(GstPad *, GstPadProbeInfo *, gpointer data) noexcept
{
    auto *self = static_cast<WarmStream *>(data);
    if (!self->arrived_.exchange(true))
        self->run_->wake();
    return GST_PAD_PROBE_OK; // stays blocked
}

GstPadProbeReturn WarmStream::entry_probe(GstPad *pad, GstPadProbeInfo *info, gpointer data) noexcept
{
    auto *self = static_cast<WarmStream *>(data);
    if (GST_PAD_PROBE_INFO_TYPE(info) & GST_PAD_PROBE_TYPE_BUFFER)
        return self->entering(pad, GST_PAD_PROBE_INFO_BUFFER(info));
    // Meant for the decoder alone: a demuxer may take it as leave to drop packets that others depend on.
    if (GST_EVENT_TYPE(GST_PAD_PROBE_INFO_EVENT(info)) == GST_EVENT_QOS)
        return GST_PAD_PROBE_DROP;
    // What was under way before the flush must not count as landing after it.
    if (GST_EVENT_TYPE(GST_PAD_PROBE_INFO_EVENT(info)) == GST_EVENT_FLUSH_STOP)
        self->landed_ = self->hurried_ = false;
    return GST_PAD_PROBE_OK;
}

GstPadProbeReturn WarmStream::entering(GstPad *pad, GstBuffer *buffer)
{
    if (landed_)
        return GST_PAD_PROBE_OK;
    // Some demuxers land between keyframes; what a decoder makes of that depends on luck.
    if (GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_DELTA_UNIT))
        return GST_PAD_PROBE_DROP;
    const auto time = stream_time(pad, buffer);
    if (!time)
        return GST_PAD_PROBE_OK;
    landed_ns_ = *time;
    landed_ = true;
    run_->wake();
    return GST_PAD_PROBE_OK;
}

GstPadProbeReturn WarmStream::leaving(GstPad *pad, const GstBuffer *frame)
{
    activity_->moved();
    const auto time = stream_time(pad, frame);
    if (!time || *time >= from_ns_)
        return GST_PAD_PROBE_OK;
    if (frame_ns_ > 0 && decoded_ && !hurried_.exchange(true))
        hurry(pad, frame, from_ns_ - *time - reorder_frames * frame_ns_);
    return GST_PAD_PROBE_DROP;
}

// Tells the decoder that what comes earlier than `later_ns` after this frame is too late to be shown. libav's
// decoders then leave out the frames that no other refers to, which changes nothing about those that come.
// Only once a frame has left, for decoders forget it when they send their segment on.
void WarmStream::hurry(GstPad *pad, const GstBuffer *frame, std::int64_t later_ns)
{
    auto event = adopt(gst_pad_get_sticky_event(pad, GST_EVENT_SEGMENT, 0));
    if (!event || later_ns <= 0)
        return;
    const GstSegment *segment = nullptr;
    gst_event_parse_segment(event.get(), &segment);
    const guint64 running = gst_segment_to_running_time(segment, GST_FORMAT_TIME, GST_BUFFER_PTS(frame));
    if (GST_CLOCK_TIME_IS_VALID(running))
        gst_pad_send_event(decoded_.get(), gst_event_new_qos(GST_QOS_TYPE_UNDERFLOW, 1.0, 0,
                                                             running + static_cast<GstClockTime>(later_ns)));
}

GstPadProbeReturn WarmStream::exit_probe(GstPad *pad, GstPadProbeInfo *info, gpointer data) noexcept
{
    auto *self = static_cast<WarmStream *>(data);
    if (GST_PAD_PROBE_INFO_TYPE(info) & GST_PAD_PROBE_TYPE_BUFFER)
        return self->leaving(pad, GST_PAD_PROBE_INFO_BUFFER(info));
    GstQuery *query = GST_PAD_PROBE_INFO_QUERY(info);
    // Else decoders copy every frame into one without padding. Who gets the frames maps them as video.
    if (GST_QUERY_TYPE(query) == GST_QUERY_ALLOCATION &&
        !gst_query_find_allocation_meta(query, GST_VIDEO_META_API_TYPE, nullptr)) {
        gst_query_add_allocation_meta(query, GST_VIDEO_META_API_TYPE, nullptr);
        return GST_PAD_PROBE_HANDLED;
    }
    return GST_PAD_PROBE_OK;
}

Status WarmStream::land(std::int64_t target_ns)
{
    returned_ = {};
    position_ns_.reset();
    at_end_ = false;
    if (auto sought = run_->seek(GST_FORMAT_TIME, std::max<std::int64_t>(target_ns + seek_offset_ns_, 0));
        !sought)
        return sought;
    if (gate_id_)
        gst_pad_remove_probe(gate_.get(), std::exchange(gate_id_, 0));
    return run_->wait_until([this] { return landed_.load(); });
}

Status WarmStream::seek(std::int64_t key_ns, std::int64_t from_ns, std::int64_t frame_ns)
{
    from_ns_ = from_ns;
    frame_ns_ = frame_ns;
    // How far before the wanted place to try, for containers that land late.
    constexpr std::array<std::int64_t, 5> back_ns{-rounding_ns, second_ns, 5 * second_ns, 30 * second_ns,
                                                  INT64_MAX / 2};
    Status landed;
    for (auto back : back_ns) {
        landed = land(std::max<std::int64_t>(key_ns - back, 0));
        if (landed && (landed_ns_ <= key_ns + rounding_ns || key_ns - back <= 0))
            return landed;
        if (!landed && landed.error().code != ErrorCode::unsupported)
            return landed;
    }
    return landed;
}

Result<TimedSample> WarmStream::next()
{
    if (returned_) {
        position_ns_ = returned_.time_ns;
        return std::exchange(returned_, {});
    }
    for (;;) {
        auto sample = run_->pull(sink_);
        if (!sample)
            return fail(std::move(sample.error()));
        if (!*sample) {
            at_end_ = true;
            return TimedSample{};
        }
        const auto time =
            stream_time(gst_sample_get_segment(sample->get()), gst_sample_get_buffer(sample->get()));
        // Without a time it cannot be placed.
        if (!time)
            continue;
        position_ns_ = *time;
        return TimedSample{std::move(*sample), *time};
    }
}

bool WarmStream::leads_to(std::int64_t first_ns, std::int64_t key_ns) const
{
    if (at_end_ || !position_ns_)
        return false;
    if (returned_)
        return returned_.time_ns <= first_ns + rounding_ns;
    return *position_ns_ < first_ns - rounding_ns &&
           (key_ns <= *position_ns_ + rounding_ns || first_ns - *position_ns_ < near_ns);
}

void WarmStream::set_ticket(const std::string &ticket)
{
    GstElement *source = run_->element("source");
    if (source && !ticket.empty() && g_object_class_find_property(G_OBJECT_GET_CLASS(source), "ticket"))
        g_object_set(source, "ticket", ticket.c_str(), nullptr);
}

} // namespace butaca::pipelines
