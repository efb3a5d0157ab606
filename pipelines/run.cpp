// SPDX-License-Identifier: LGPL-2.1-or-later
// Builds and drives one pipeline.
#include "pipelines/run.h"

#include <string>

#include <gst/app/gstappsink.h>
#include <gst/app/gstappsrc.h>

#include "pipelines/trouble.h"

namespace butaca::pipelines {

namespace {

constexpr GstClockTime slice_ns = 50 * GST_MSECOND;

Owned<GstCaps> filter_of(const Link &link)
{
    return link.caps.empty() ? nullptr : adopt(gst_caps_from_string(link.caps.c_str()));
}

Status set_property(GstElement *element, const Property &property)
{
    if (!g_object_class_find_property(G_OBJECT_GET_CLASS(element), property.name.c_str())) {
        if (property.kind == Property::Kind::optional)
            return {};
        return fail(ErrorCode::internal, "an element lacks a property",
                    std::string(GST_OBJECT_NAME(element)) + "." + property.name);
    }
    gst_util_set_object_arg(G_OBJECT(element), property.name.c_str(), property.value.c_str());
    return {};
}

void set_times(GstElement *element, const char *property, const std::vector<std::int64_t> &times)
{
    if (times.empty())
        return;
    // The property holds little-endian numbers, which is what every machine that we build for has.
    static_assert(G_BYTE_ORDER == G_LITTLE_ENDIAN);
    auto bytes = adopt(g_bytes_new(times.data(), times.size() * sizeof(times[0])));
    g_object_set(element, property, bytes.get(), nullptr);
}

} // namespace

// A link that waits for its source pad to appear.
struct Run::LateLink {
    Link link;
    GstElement *from = nullptr; // both borrowed: the pipeline keeps them
    GstElement *to = nullptr;
    gulong handler = 0;

    static void pad_added(GstElement *from, GstPad *pad, gpointer data) noexcept
    {
        auto *self = static_cast<LateLink *>(data);
        auto name = adopt(gst_pad_get_name(pad));
        if (self->link.pad.empty() || self->link.pad == name.get())
            if (auto peer = adopt(gst_element_get_static_pad(self->to, "sink"));
                peer && !gst_pad_is_linked(peer.get()))
                gst_element_link_pads_filtered(from, name.get(), self->to, "sink",
                                               filter_of(self->link).get());
    }
    static void no_more_pads(GstElement *from, gpointer data) noexcept
    {
        auto *self = static_cast<LateLink *>(data);
        auto peer = adopt(gst_element_get_static_pad(self->to, "sink"));
        if (peer && !gst_pad_is_linked(peer.get()))
            GST_ELEMENT_ERROR(from, STREAM, DEMUX, ("The track is not in the file."), (nullptr));
    }
};

Run::Run(Activity &activity, Owned<GstElement> pipeline)
    : activity_(activity), pipeline_(std::move(pipeline)), bus_(adopt(gst_element_get_bus(pipeline_.get())))
{
}

Run::~Run()
{
    for (auto &late : late_links_)
        g_signal_handlers_disconnect_by_data(late->from, late.get());
    gst_bus_set_flushing(bus_.get(), TRUE);
    gst_element_set_state(pipeline_.get(), GST_STATE_NULL);
}

Result<std::unique_ptr<Run>> Run::build(const Graph &graph, Activity &activity)
{
    std::unique_ptr<Run> run(new Run(activity, sink(gst_pipeline_new(nullptr))));
    if (auto made = run->make_nodes(graph); !made)
        return fail(std::move(made.error()));
    if (auto linked = run->make_links(graph); !linked)
        return fail(std::move(linked.error()));
    return run;
}

Status Run::make_nodes(const Graph &graph)
{
    for (const auto &node : graph.nodes) {
        auto made = sink(gst_element_factory_make(node.factory.c_str(), node.name.c_str()));
        if (!made)
            return fail(ErrorCode::unsupported, "a media element is not installed: " + node.factory);
        for (const auto &property : node.properties)
            if (auto set = set_property(made.get(), property); !set)
                return set;
        set_times(made.get(), "decode-times", node.decode_times);
        set_times(made.get(), "sample-times", node.sample_times);
        if (!node.subtitle_script.empty())
            g_object_set(made.get(), "subtitle-script", node.subtitle_script.c_str(), nullptr);
        if (node.subtitle_pictures)
            g_object_set(made.get(), "subtitle-pictures", node.subtitle_pictures.get(), nullptr);
        // The bin takes a reference of its own.
        gst_bin_add(GST_BIN(pipeline_.get()), made.get());
    }
    return {};
}

Status Run::make_links(const Graph &graph)
{
    for (const auto &link : graph.links) {
        GstElement *from = element(link.from);
        GstElement *to = element(link.to);
        if (!from || !to)
            return fail(ErrorCode::internal, "a link names no element", link.from + " -> " + link.to);
        auto pad = adopt(gst_element_get_static_pad(from, link.pad.empty() ? "src" : link.pad.c_str()));
        if (pad) {
            if (!gst_element_link_pads_filtered(from, GST_PAD_NAME(pad.get()), to, "sink",
                                                filter_of(link).get()))
                return fail(ErrorCode::unsupported, "two media elements do not fit together",
                            link.from + " -> " + link.to);
            continue;
        }
        auto late = std::make_unique<LateLink>();
        late->link = link;
        late->from = from;
        late->to = to;
        g_signal_connect(from, "pad-added", G_CALLBACK(LateLink::pad_added), late.get());
        g_signal_connect(from, "no-more-pads", G_CALLBACK(LateLink::no_more_pads), late.get());
        late_links_.push_back(std::move(late));
    }
    return {};
}

Status Run::play()
{
    activity_.moved();
    if (gst_element_set_state(pipeline_.get(), GST_STATE_PLAYING) != GST_STATE_CHANGE_FAILURE)
        return {};
    if (auto wrong = trouble(); !wrong)
        return wrong;
    return fail(ErrorCode::internal, "the pipeline does not start");
}

Status Run::seek(GstFormat format, std::int64_t position)
{
    // The end of what was read so far is not the end of what comes.
    if (auto wrong = trouble(); !wrong)
        return wrong;
    ended_ = false;
    activity_.moved();
    if (!gst_element_seek(pipeline_.get(), 1.0, format, GST_SEEK_FLAG_FLUSH, GST_SEEK_TYPE_SET, position,
                          GST_SEEK_TYPE_SET, -1)) {
        if (auto wrong = trouble(); !wrong)
            return wrong;
        return fail(ErrorCode::unsupported, "this file cannot be entered in the middle");
    }
    activity_.moved();
    return {};
}

void Run::renew_ticket(const std::string &ticket)
{
    GstElement *source = element("source");
    if (source && !ticket.empty() && g_object_class_find_property(G_OBJECT_GET_CLASS(source), "ticket"))
        g_object_set(source, "ticket", ticket.c_str(), nullptr);
}

Status Run::trouble()
{
    if (activity_.cancelled())
        return fail(ErrorCode::cancelled, "the job was cancelled");
    constexpr auto telling = static_cast<GstMessageType>(GST_MESSAGE_ERROR | GST_MESSAGE_EOS);
    while (auto message = adopt(gst_bus_pop_filtered(bus_.get(), telling))) {
        if (GST_MESSAGE_TYPE(message.get()) == GST_MESSAGE_ERROR)
            return fail(error_from_message(message.get()));
        ended_ = true;
    }
    if (activity_.idle_ms() > stuck_after_ms)
        return fail(ErrorCode::timeout, "nothing moved for too long");
    return {};
}

void Run::wake()
{
    gst_bus_post(bus_.get(),
                 gst_message_new_application(GST_OBJECT(pipeline_.get()), gst_structure_new_empty("wake")));
}

Status Run::wait_until(const std::function<bool()> &ready)
{
    for (;;) {
        // In this order, for trouble() throws away what wake() posted.
        if (auto wrong = trouble(); !wrong)
            return wrong;
        if (ready())
            return {};
        if (ended_)
            return fail(ErrorCode::unsupported, "the file ended before anything could be read");
        auto message = adopt(gst_bus_timed_pop_filtered(
            bus_.get(), slice_ns,
            static_cast<GstMessageType>(GST_MESSAGE_ERROR | GST_MESSAGE_APPLICATION | GST_MESSAGE_EOS)));
        if (!message)
            continue;
        if (GST_MESSAGE_TYPE(message.get()) == GST_MESSAGE_ERROR)
            return fail(error_from_message(message.get()));
        ended_ = ended_ || GST_MESSAGE_TYPE(message.get()) == GST_MESSAGE_EOS;
    }
    return {};
}

Status Run::wait_for_end()
{
    return wait_until([this] { return ended_; });
}

Result<Owned<GstSample>> Run::pull(GstElement *sink)
{
    for (;;) {
        if (auto sample = adopt(gst_app_sink_try_pull_sample(GST_APP_SINK(sink), slice_ns))) {
            activity_.moved();
            if (activity_.cancelled())
                return fail(ErrorCode::cancelled, "the job was cancelled");
            return sample;
        }
        if (auto wrong = trouble(); !wrong)
            return fail(std::move(wrong.error()));
        if (gst_app_sink_is_eos(GST_APP_SINK(sink)))
            return Owned<GstSample>();
    }
}

Status Run::push(GstElement *source, Owned<GstBuffer> buffer)
{
    const GstFlowReturn flow = gst_app_src_push_buffer(GST_APP_SRC(source), buffer.release());
    activity_.moved();
    if (auto wrong = trouble(); !wrong)
        return wrong;
    if (flow != GST_FLOW_OK)
        return fail(ErrorCode::internal, "the encoder takes no more", gst_flow_get_name(flow));
    return {};
}

Status Run::finish(GstElement *source)
{
    gst_app_src_end_of_stream(GST_APP_SRC(source));
    return trouble();
}

GstElement *Run::element(std::string_view name) const
{
    auto found = adopt(gst_bin_get_by_name(GST_BIN(pipeline_.get()), std::string(name).c_str()));
    return found.get(); // the bin keeps it alive
}

} // namespace butaca::pipelines
