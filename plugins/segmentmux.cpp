// SPDX-License-Identifier: LGPL-2.1-or-later
// SECTION:element-segmentmux
//
// Packs one encoded track into a CMAF init segment and media segments of one or more chunks, with decode
// times that are exact to the tick: the first one of a segment equals the sum of all durations before it.
// They are given by `decode-times`, so that no frame is shown before it is decoded; else they are the
// presentation times in order. There is no edit list unless asked for. Equal input gives equal bytes.
//
// The first buffer is the init segment (flag HEADER), each further one a chunk: moof and mdat, with styp (and
// sidx) before the first of a segment, which has no DELTA_UNIT flag. The last chunk of a segment has the flag
// MARKER where that is known in time: always for pictures, for sound with `sample-times` or one chunk per
// segment.
//
//   gst-launch-1.0 videotestsrc num-buffers=240 ! video/x-raw,framerate=24/1 ! x264enc key-int-max=48
//     option-string=scenecut=0 ! h264parse ! segmentmux ! filesink location=film.mp4
//
// Pads are used on the streaming thread; properties may be set from any.
#include "plugins/segmentmux.h"

#include <utility>

#include "plugins/segmentmux_properties.h"
#include "plugins/segmentmux_stream.h"
#include "src/base/gst.h"
#include "src/base/result.h"

GST_DEBUG_CATEGORY_STATIC(butaca_segment_mux_debug);
#define GST_CAT_DEFAULT butaca_segment_mux_debug

namespace {

using namespace butaca;
using segmentmux::Settings;
using segmentmux::Stream;

GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE(
    "sink", GST_PAD_SINK, GST_PAD_ALWAYS,
    GST_STATIC_CAPS("video/x-h264, stream-format=(string)avc, alignment=(string)au; "
                    "video/x-h265, stream-format=(string){ hvc1, hev1 }, alignment=(string)au; "
                    "video/x-vp9; "
                    "video/x-av1, stream-format=(string)obu-stream, alignment=(string)tu; "
                    "audio/mpeg, mpegversion=(int)4, stream-format=(string)raw; "
                    "audio/mpeg, mpegversion=(int)1, layer=(int)3, parsed=(boolean)true; "
                    "audio/x-opus, channel-mapping-family=(int)[ 0, 1 ]; "
                    "audio/x-ac3, framed=(boolean)true; "
                    "audio/x-eac3, framed=(boolean)true; "
                    "audio/x-alac; "
                    "audio/x-flac")); // one frame a buffer: from flacparse, or straight from an encoder

GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE(
    "src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS("video/quicktime, variant=(string)iso-fragmented"));

struct State {
    // Guarded by the object lock.
    segmentmux::Properties properties;

    // Streaming thread only.
    Stream stream;
    bool failed = false;
};

} // namespace

// NOLINTBEGIN(readability-identifier-naming)
struct ButacaSegmentMux {
    GstElement parent;
    GstPad *sink_pad; // owned by the element
    GstPad *src_pad;
    State *state;
};
struct ButacaSegmentMuxClass {
    GstElementClass parent_class;
};
// NOLINTEND(readability-identifier-naming)

static GType butaca_segment_mux_get_type();
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wold-style-cast" // G_DEFINE_TYPE's own
G_DEFINE_TYPE(ButacaSegmentMux, butaca_segment_mux, GST_TYPE_ELEMENT)
#pragma GCC diagnostic pop
GST_ELEMENT_REGISTER_DEFINE(segmentmux, "segmentmux", GST_RANK_NONE, butaca_segment_mux_get_type())

namespace {

ButacaSegmentMux *self_of(gpointer object) { return static_cast<ButacaSegmentMux *>(object); }

// What `function` makes of the state that the object lock guards.
template <typename Function> auto locked(ButacaSegmentMux *self, Function function)
{
    GST_OBJECT_LOCK(self);
    auto result = function(*self->state);
    GST_OBJECT_UNLOCK(self);
    return result;
}

Settings settings_of(ButacaSegmentMux *self)
{
    return locked(self, [](State &state) { return state.properties.settings; });
}

// Posts the first error of a stream; what follows from it is only refused.
GstFlowReturn refuse(ButacaSegmentMux *self, const Error &error)
{
    if (!std::exchange(self->state->failed, true))
        GST_ELEMENT_ERROR(self, STREAM, MUX, ("%s", error.message.c_str()), ("%s", error.detail.c_str()));
    return GST_FLOW_ERROR;
}

void restart(ButacaSegmentMux *self)
{
    self->state->stream.restart();
    self->state->failed = false;
}

GstFlowReturn open_output(ButacaSegmentMux *self)
{
    const Settings settings = settings_of(self);
    self->state->stream.start(settings);
    const auto caps = adopt(gst_static_pad_template_get_caps(&src_template));
    gst_pad_push_event(self->src_pad, gst_event_new_caps(caps.get()));
    GstSegment segment;
    gst_segment_init(&segment, GST_FORMAT_TIME);
    gst_pad_push_event(self->src_pad, gst_event_new_segment(&segment));
    return settings.emit_init ? gst_pad_push(self->src_pad, self->state->stream.init_segment().release())
                              : GST_FLOW_OK;
}

GstFlowReturn push_ready(ButacaSegmentMux *self)
{
    GstFlowReturn flow = GST_FLOW_OK;
    while (flow == GST_FLOW_OK) {
        auto chunk = self->state->stream.take();
        if (!chunk)
            break;
        GST_LOG_OBJECT(self, "pushing %" GST_PTR_FORMAT, chunk.get());
        flow = gst_pad_push(self->src_pad, chunk.release());
    }
    return flow;
}

Status add(ButacaSegmentMux *self, Owned<GstBuffer> buffer)
{
    Stream &stream = self->state->stream;
    if (stream.at_border()) {
        const auto [times, decode_times] = locked(self, [](State &state) {
            return std::pair(std::exchange(state.properties.sample_times, nullptr),
                             std::exchange(state.properties.decode_times, nullptr));
        });
        if (times) {
            if (Status status = stream.begin_segment(times.get(), decode_times.get()); !status)
                return status;
        }
    }
    return stream.add(std::move(buffer));
}

GstFlowReturn chain(GstPad *, GstObject *parent, GstBuffer *given) noexcept
{
    auto *self = self_of(parent);
    auto buffer = adopt(given);
    const Stream &stream = self->state->stream;
    if (self->state->failed)
        return GST_FLOW_ERROR;
    if (!stream.described())
        return GST_FLOW_NOT_NEGOTIATED;
    if (!stream.started()) {
        if (Status seen = self->state->stream.look_at_first(buffer.get()); !seen)
            return refuse(self, seen.error());
        const GstFlowReturn flow = open_output(self);
        if (flow != GST_FLOW_OK)
            return flow;
    }
    if (Status status = add(self, std::move(buffer)); !status)
        return refuse(self, status.error());
    return push_ready(self);
}

// True when the end may go on downstream: after an error it must not, or half a segment would pass for a
// whole one.
bool finish(ButacaSegmentMux *self)
{
    Stream &stream = self->state->stream;
    if (self->state->failed)
        return false;
    if (!stream.started()) {
        const bool awaited =
            locked(self, [](State &state) { return state.properties.sample_times != nullptr; });
        if (awaited)
            refuse(self,
                   Error{ErrorCode::invalid_argument, "the stream ended before its first sample", {}, 0});
        return !awaited;
    }
    if (Status status = stream.finish(); !status) {
        refuse(self, status.error());
        return false;
    }
    return push_ready(self) == GST_FLOW_OK;
}

gboolean accepted(ButacaSegmentMux *self, const Status &status)
{
    if (!status)
        refuse(self, status.error());
    return status ? TRUE : FALSE;
}

gboolean sink_event(GstPad *pad, GstObject *parent, GstEvent *given) noexcept
{
    auto *self = self_of(parent);
    auto event = adopt(given);
    switch (GST_EVENT_TYPE(event.get())) {
    case GST_EVENT_CAPS: {
        GstCaps *caps = nullptr;
        gst_event_parse_caps(event.get(), &caps);
        return accepted(self, self->state->stream.set_caps(caps, settings_of(self)));
    }
    case GST_EVENT_SEGMENT: {
        const GstSegment *segment = nullptr;
        gst_event_parse_segment(event.get(), &segment);
        return accepted(self, self->state->stream.set_segment(*segment));
    }
    case GST_EVENT_TAG: // describes the input's coding; nobody reads tags off a segment
    case GST_EVENT_GAP:
        return TRUE;
    case GST_EVENT_EOS:
        if (!finish(self))
            return FALSE;
        break;
    case GST_EVENT_FLUSH_STOP:
        restart(self);
        break;
    default:
        break;
    }
    return gst_pad_event_default(pad, parent, event.release());
}

gboolean sink_query(GstPad *pad, GstObject *parent, GstQuery *query) noexcept
{
    // Samples are copied into chunks: buffers of the element downstream are of no use to the encoder.
    if (GST_QUERY_TYPE(query) == GST_QUERY_ALLOCATION)
        return FALSE;
    return gst_pad_query_default(pad, parent, query);
}

GstStateChangeReturn change_state(GstElement *element, GstStateChange transition) noexcept
{
    auto *self = self_of(element);
    const auto result = GST_ELEMENT_CLASS(butaca_segment_mux_parent_class)->change_state(element, transition);
    if (transition == GST_STATE_CHANGE_PAUSED_TO_READY) {
        restart(self);
        self->state->stream.reset();
    }
    return result;
}

void set_property(GObject *object, guint id, const GValue *value, GParamSpec *spec) noexcept
{
    auto *self = self_of(object);
    const bool known =
        locked(self, [&](State &state) { return segmentmux::set_property(state.properties, id, value); });
    if (!known)
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
}

void get_property(GObject *object, guint id, GValue *value, GParamSpec *spec) noexcept
{
    auto *self = self_of(object);
    const bool known =
        locked(self, [&](State &state) { return segmentmux::get_property(state.properties, id, value); });
    if (!known)
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
}

void finalize(GObject *object) noexcept
{
    delete self_of(object)->state;
    G_OBJECT_CLASS(butaca_segment_mux_parent_class)->finalize(object);
}

} // namespace

static void butaca_segment_mux_class_init(ButacaSegmentMuxClass *self_class)
{
    auto *object_class = G_OBJECT_CLASS(self_class);
    auto *element_class = GST_ELEMENT_CLASS(self_class);
    GST_DEBUG_CATEGORY_INIT(butaca_segment_mux_debug, "segmentmux", 0, "CMAF segment muxer");
    object_class->set_property = set_property;
    object_class->get_property = get_property;
    object_class->finalize = finalize;
    element_class->change_state = change_state;
    segmentmux::install_properties(object_class);
    gst_element_class_add_static_pad_template(element_class, &sink_template);
    gst_element_class_add_static_pad_template(element_class, &src_template);
    gst_element_class_set_static_metadata(element_class, "CMAF segment muxer", "Codec/Muxer",
                                          "Packs one track into CMAF segments with exact decode times",
                                          "Butaca");
}

static void butaca_segment_mux_init(ButacaSegmentMux *self)
{
    self->state = new State;
    self->sink_pad = gst_pad_new_from_static_template(&sink_template, "sink");
    gst_pad_set_chain_function(self->sink_pad, chain);
    gst_pad_set_event_function(self->sink_pad, sink_event);
    gst_pad_set_query_function(self->sink_pad, sink_query);
    gst_element_add_pad(GST_ELEMENT(self), self->sink_pad);
    self->src_pad = gst_pad_new_from_static_template(&src_template, "src");
    gst_pad_use_fixed_caps(self->src_pad);
    gst_element_add_pad(GST_ELEMENT(self), self->src_pad);
}
