// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/playback/rtsp/playout.h"

#include <algorithm>
#include <limits>
#include <string>

#include "src/base/log.h"
#include "src/playback/rtsp/stream_caps.h"

namespace butaca::playback::rtsp {

namespace {

constexpr unsigned first_dynamic_payload_type = 96; // RFC 3551, 6
// Between the last packet and the goodbye. It goes by another port, and players that read it first leave with
// packets unread.
constexpr std::int64_t goodbye_after_ns = 300'000'000;
// From the last packet before a jump to the first after it.
constexpr std::int64_t between_packets_ns = 20'000'000;

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

// What fails one track mostly fails the others, too.
TrackFeed::Failed once(std::string viewer, std::function<void()> failed)
{
    return [viewer = std::move(viewer), failed = std::move(failed),
            told = std::make_shared<std::atomic_flag>()](const Error &error) {
        if (told->test_and_set())
            return;
        log::warn("rtsp.segment_failed",
                  {{"playback", viewer}, {"why", error.message}, {"detail", error.detail}});
        failed();
    };
}

} // namespace

Playout::Playout(const std::shared_ptr<Backend> &backend, const Title &title, std::function<void()> failed)
    : title_(title), end_ns_(title.duration_ns)
{
    const auto fail_once = once(title_.viewer, std::move(failed));
    for (const auto &track : title_.tracks) {
        feeds_.push_back(TrackFeed::make(backend, track, title_.viewer, title_.duration_ns, fail_once));
        progress_.push_back(std::make_unique<Progress>());
    }
}

GstElement *Playout::make_bin(const std::shared_ptr<Playout> &playout)
{
    auto bin = sink(gst_bin_new(nullptr));
    unsigned number = 0;
    for (const auto &feed : playout->feeds_) {
        GstElement *pay = feed->element() ? payloader(feed->track(), number) : nullptr;
        if (!pay)
            return nullptr;
        gst_bin_add_many(GST_BIN(bin.get()), feed->element(), pay, nullptr);
        if (!gst_element_link(feed->element(), pay))
            return nullptr;
        playout->payloaders_.push_back(share(pay));
        playout->follow(pay, number++);
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

// The bin keeps the playout, and the playout outlives the probe.
void Playout::follow(GstElement *payloader, std::size_t number)
{
    struct Follower {
        Playout *playout;
        Progress *progress;
    };
    auto pad = adopt(gst_element_get_static_pad(payloader, "src"));
    constexpr auto what = static_cast<GstPadProbeType>(
        GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST | GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM);
    gst_pad_add_probe(
        pad.get(), what,
        [](GstPad *at, GstPadProbeInfo *info, gpointer data) {
            auto *follower = static_cast<Follower *>(data);
            return follower->playout->passed(at, info, *follower->progress);
        },
        new Follower{this, progress_[number].get()},
        [](gpointer data) { delete static_cast<Follower *>(data); });
}

GstPadProbeReturn Playout::passed(GstPad *pad, GstPadProbeInfo *info, Progress &progress)
{
    GstBuffer *buffer = nullptr;
    if (info->type & GST_PAD_PROBE_TYPE_BUFFER)
        buffer = GST_PAD_PROBE_INFO_BUFFER(info);
    else if (info->type & GST_PAD_PROBE_TYPE_BUFFER_LIST)
        buffer = gst_buffer_list_get(GST_PAD_PROBE_INFO_BUFFER_LIST(info), 0);
    if (buffer && GST_BUFFER_PTS_IS_VALID(buffer)) {
        progress.ready_ns = static_cast<std::int64_t>(GST_BUFFER_PTS(buffer));
        progress.last_ns = std::max(progress.last_ns.load(), progress.ready_ns.load());
        progress.ended = false;
        return GST_PAD_PROBE_OK;
    }
    const GstEvent *event =
        info->type & GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM ? GST_PAD_PROBE_INFO_EVENT(info) : nullptr;
    if (event && GST_EVENT_TYPE(event) == GST_EVENT_SEGMENT)
        progress.last_ns = 0;
    if (event && GST_EVENT_TYPE(event) == GST_EVENT_EOS) {
        // Sinks wait for the time of a gap as they do for that of a packet.
        const auto goodbye_ns = static_cast<GstClockTime>(end_ns() + goodbye_after_ns);
        gst_pad_push_event(pad, gst_event_new_gap(goodbye_ns, 0));
        progress.ended = true;
    }
    return GST_PAD_PROBE_OK;
}

// Time stamps go on across a jump (RFC 2326, appendix B): players place what comes by what they read last,
// which may be a packet from before it. By itself a payloader begins anew with each flush. Only its own idea
// of time is moved, for sinks would wait for what has passed.
void Playout::count_on()
{
    std::int64_t last_ns = begin_ns_;
    for (const auto &progress : progress_)
        last_ns = std::max(last_ns, progress->last_ns.load());
    counted_ns_ += last_ns - begin_ns_ + between_packets_ns;
    for (const auto &payloader : payloaders_) {
        gst_pad_set_offset(adopt(gst_element_get_static_pad(payloader.get(), "sink")).get(), counted_ns_);
        gst_pad_set_offset(adopt(gst_element_get_static_pad(payloader.get(), "src")).get(), -counted_ns_);
    }
}

void Playout::rest(GstElement *bin, std::size_t number)
{
    progress_[number]->ended = true;
    // Where the server holds a track back until it plays: behind its RTP session.
    const std::string name = std::to_string(number);
    auto before = adopt(gst_element_get_static_pad(bin, ("src_" + name).c_str()));
    auto into = adopt(before ? gst_pad_get_peer(before.get()) : nullptr);
    auto rtp = adopt(into ? gst_pad_get_parent_element(into.get()) : nullptr);
    auto pad = adopt(rtp ? gst_element_get_static_pad(rtp.get(), ("send_rtp_src_" + name).c_str()) : nullptr);
    constexpr auto what = static_cast<GstPadProbeType>(GST_PAD_PROBE_TYPE_BLOCK | GST_PAD_PROBE_TYPE_BUFFER |
                                                       GST_PAD_PROBE_TYPE_BUFFER_LIST);
    if (pad)
        gst_pad_add_probe(
            pad.get(), what, [](GstPad *, GstPadProbeInfo *, gpointer) { return GST_PAD_PROBE_OK; }, nullptr,
            nullptr);
}

std::int64_t Playout::position_ns() const
{
    if (at_begin_)
        return begin_ns_;
    std::int64_t earliest_ns = end_ns_;
    for (const auto &progress : progress_)
        if (!progress->ended)
            earliest_ns = std::min(earliest_ns, progress->ready_ns.load());
    return earliest_ns;
}

Playout::Range Playout::choose(std::int64_t begin_ns, std::int64_t end_ns)
{
    if (!at_begin_)
        count_on();
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
