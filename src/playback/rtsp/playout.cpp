// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/playback/rtsp/playout.h"

#include <limits>
#include <string>

#include "src/playback/rtsp/stream_caps.h"

namespace butaca::playback::rtsp {

namespace {

constexpr unsigned first_dynamic_payload_type = 96; // RFC 3551, 6

GQuark key()
{
    static const GQuark quark = g_quark_from_static_string("butaca-playout");
    return quark;
}

GstElement *payloader(const Track &track, unsigned number)
{
    const std::string name = "pay" + std::to_string(number);
    GstElement *element = gst_element_factory_make(payloader_for(track.codec), name.c_str());
    if (!element)
        return nullptr;
    g_object_set(element, "pt", first_dynamic_payload_type + number, nullptr);
    // Parameter sets before each keyframe, for who comes in at a jump.
    if (track.is_picture())
        g_object_set(element, "config-interval", -1, nullptr);
    return element;
}

} // namespace

Playout::Playout(std::shared_ptr<Backend> backend, const Title &title)
    : title_(title), end_ns_(title.duration_ns)
{
    for (const auto &track : title_.tracks)
        feeds_.push_back(TrackFeed::make(backend, track, title_.viewer, title_.duration_ns));
}

GstElement *Playout::make_bin(const std::shared_ptr<Playout> &playout)
{
    auto bin = sink(gst_bin_new(nullptr));
    unsigned number = 0;
    for (const auto &feed : playout->feeds_) {
        GstElement *pay = feed->element() ? payloader(feed->track(), number++) : nullptr;
        if (!pay)
            return nullptr;
        gst_bin_add_many(GST_BIN(bin.get()), feed->element(), pay, nullptr);
        if (!gst_element_link(feed->element(), pay))
            return nullptr;
    }
    g_object_set_qdata_full(G_OBJECT(bin.get()), key(), new std::shared_ptr<Playout>(playout),
                            [](gpointer kept) { delete static_cast<std::shared_ptr<Playout> *>(kept); });
    g_object_force_floating(G_OBJECT(bin.get()));
    return bin.release();
}

std::shared_ptr<Playout> Playout::of(GstElement *bin)
{
    auto *kept =
        bin ? static_cast<std::shared_ptr<Playout> *>(g_object_get_qdata(G_OBJECT(bin), key())) : nullptr;
    return kept ? *kept : nullptr;
}

Playout::Range Playout::choose(std::int64_t begin_ns, std::int64_t end_ns)
{
    const bool whole = end_ns < 0 || end_ns >= title_.duration_ns;
    begin_ns_ = title_.entry_before(begin_ns);
    end_ns_ = whole ? title_.duration_ns : title_.exit_after(end_ns);
    for (const auto &feed : feeds_)
        feed->end_at(end_ns_ == title_.duration_ns ? std::numeric_limits<std::int64_t>::max()
                                                   : end_ns_.load());
    at_begin_ = true;
    return {begin_ns_, end_ns_};
}

} // namespace butaca::playback::rtsp
