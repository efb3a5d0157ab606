// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/playback/rtsp/media.h"

#include <string>
#include <string_view>
#include <utility>

#include "src/base/encoding.h"

namespace butaca::playback::rtsp {
namespace {

struct Media {
    GstRTSPMedia parent;
};
struct MediaClass {
    GstRTSPMediaClass parent;
};

// What a factory needs to make another medium.
struct Recipe {
    std::shared_ptr<Backend> backend;
    Title title;
    std::function<void()> failed;
};
struct Factory {
    GstRTSPMediaFactory parent;
    Recipe *recipe;
};
struct FactoryClass {
    GstRTSPMediaFactoryClass parent;
};

// GLib's macro casts the C way in our own text.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wold-style-cast"
GType media_get_type();
G_DEFINE_TYPE(Media, media, GST_TYPE_RTSP_MEDIA)
GType factory_get_type();
G_DEFINE_TYPE(Factory, factory, GST_TYPE_RTSP_MEDIA_FACTORY)
#pragma GCC diagnostic pop

// The server would ask its sinks, which do not know what they will be given next.
gboolean media_query_position(GstRTSPMedia *media, gint64 *position)
{
    auto playout = playout_of(media);
    if (!playout)
        return FALSE;
    *position = playout->position_ns();
    return TRUE;
}

gboolean media_query_stop(GstRTSPMedia *media, gint64 *stop)
{
    auto playout = playout_of(media);
    if (!playout)
        return FALSE;
    *stop = playout->end_ns();
    return TRUE;
}

// Seconds from the title's begin are all that we know: a title has no clock time and no time code.
gboolean media_convert_range(GstRTSPMedia *, GstRTSPTimeRange *range, GstRTSPRangeUnit unit)
{
    return range->unit == GST_RTSP_RANGE_NPT && unit == GST_RTSP_RANGE_NPT;
}

// Without the name of this machine and of its user in each report.
gboolean media_setup_rtpbin(GstRTSPMedia *, GstElement *rtpbin)
{
    const std::string name = random_hex(8);
    auto sdes = adopt(
        gst_structure_new("application/x-rtp-source-sdes", "cname", G_TYPE_STRING, name.c_str(), nullptr));
    g_object_set(rtpbin, "sdes", sdes.get(), nullptr);
    return TRUE;
}

gboolean media_setup_sdp(GstRTSPMedia *media, GstSDPMessage *sdp, GstSDPInfo *info)
{
    for (guint i = gst_sdp_message_attributes_len(sdp); i-- > 0;)
        if (std::string_view(gst_sdp_message_get_attribute(sdp, i)->key) == "type")
            gst_sdp_message_remove_attribute(sdp, i);
    gst_sdp_message_set_session_name(sdp, "Butaca");
    gst_sdp_message_set_information(sdp, "Butaca");
    return GST_RTSP_MEDIA_CLASS(media_parent_class)->setup_sdp(media, sdp, info);
}

void media_init(Media *) {}

void media_class_init(MediaClass *self_class)
{
    auto *media_class = GST_RTSP_MEDIA_CLASS(self_class);
    media_class->query_position = media_query_position;
    media_class->query_stop = media_query_stop;
    media_class->convert_range = media_convert_range;
    media_class->setup_rtpbin = media_setup_rtpbin;
    media_class->setup_sdp = media_setup_sdp;
}

GstElement *factory_create_element(GstRTSPMediaFactory *factory, const GstRTSPUrl *)
{
    const Recipe &recipe = *reinterpret_cast<Factory *>(factory)->recipe;
    return Playout::make_bin(std::make_shared<Playout>(recipe.backend, recipe.title, recipe.failed));
}

// Nobody shares a medium, so there is nothing to find again.
gchar *factory_gen_key(GstRTSPMediaFactory *, const GstRTSPUrl *) { return nullptr; }

void factory_finalize(GObject *object)
{
    delete std::exchange(reinterpret_cast<Factory *>(object)->recipe, nullptr);
    G_OBJECT_CLASS(factory_parent_class)->finalize(object);
}

void factory_init(Factory *) {}

void factory_class_init(FactoryClass *self_class)
{
    G_OBJECT_CLASS(self_class)->finalize = factory_finalize;
    auto *factory_class = GST_RTSP_MEDIA_FACTORY_CLASS(self_class);
    factory_class->create_element = factory_create_element;
    factory_class->gen_key = factory_gen_key;
}

} // namespace

Owned<GstRTSPMediaFactory> make_factory(std::shared_ptr<Backend> backend, const Title &title,
                                        std::function<void()> failed)
{
    auto *made = static_cast<Factory *>(g_object_new(factory_get_type(), nullptr));
    made->recipe = new Recipe{std::move(backend), title, std::move(failed)};
    auto *factory = GST_RTSP_MEDIA_FACTORY(made);
    gst_rtsp_media_factory_set_media_gtype(factory, media_get_type());
    // No multicast: each session is somewhere else in the title.
    gst_rtsp_media_factory_set_protocols(
        factory, static_cast<GstRTSPLowerTrans>(GST_RTSP_LOWER_TRANS_UDP | GST_RTSP_LOWER_TRANS_TCP));
    return adopt(factory);
}

std::shared_ptr<Playout> playout_of(GstRTSPMedia *media)
{
    auto element = adopt(gst_rtsp_media_get_element(media));
    return Playout::of(element.get());
}

} // namespace butaca::playback::rtsp
