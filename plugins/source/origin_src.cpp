// SPDX-License-Identifier: LGPL-2.1-or-later
/**
 * vssrc reads an original film from a video server (butaca-vs), assrc an original recording from an audio
 * server (butaca-as), over HTTP Range requests. Demuxers run on them in pull mode, as on a file. A read
 * survives a slow, silent, failing or restarted server: it goes on at the exact byte, on the next replica if
 * there is one. All bytes belong to one version of the original, or the element stops with an error.
 *
 *     gst-launch-1.0 vssrc location=vs://127.0.0.1:8081/items/$DIGEST/bytes ticket=$TICKET ! decodebin !
 * fakesink gst-launch-1.0 assrc location=as://127.0.0.1:8082/items/$DIGEST/bytes ticket=$TICKET ! filesink
 * location=a
 *
 * DIGEST is the SHA-256 of the original in 64 hex digits. The network is first used by the streaming thread,
 * never by a state change, so going to PAUSED does not wait for a server.
 */
#include "plugins/source/origin_src.h"

#include <mutex>
#include <string>

#include <gst/base/gstbasesrc.h>

#include "plugins/source/address.h"
#include "plugins/source/origin_properties.h"
#include "plugins/source/origin_reading.h"

using namespace butaca;
using namespace butaca::source;

namespace {

GstStaticPadTemplate src_template =
    GST_STATIC_PAD_TEMPLATE("src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS_ANY);

constexpr const gchar *vs_protocols[] = {"vs", nullptr};
constexpr const gchar *as_protocols[] = {"as", nullptr};

} // namespace

struct ButacaVsSrc {
    ButacaOriginSrc parent;
};
struct ButacaVsSrcClass {
    ButacaOriginSrcClass parent_class;
};
struct ButacaAsSrc {
    ButacaOriginSrc parent;
};
struct ButacaAsSrcClass {
    ButacaOriginSrcClass parent_class;
};

static void butaca_origin_src_uri_handler_init(gpointer iface, gpointer data);

static GType butaca_origin_src_get_type();
static GType butaca_vs_src_get_type();
static GType butaca_as_src_get_type();

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wold-style-cast" // GLib's macros expand to them here
G_DEFINE_ABSTRACT_TYPE_WITH_CODE(ButacaOriginSrc, butaca_origin_src, GST_TYPE_BASE_SRC,
                                 G_IMPLEMENT_INTERFACE(GST_TYPE_URI_HANDLER,
                                                       butaca_origin_src_uri_handler_init))
G_DEFINE_TYPE(ButacaVsSrc, butaca_vs_src, butaca_origin_src_get_type())
G_DEFINE_TYPE(ButacaAsSrc, butaca_as_src, butaca_origin_src_get_type())
#pragma GCC diagnostic pop

GST_ELEMENT_REGISTER_DEFINE(vssrc, "vssrc", GST_RANK_PRIMARY, butaca_vs_src_get_type())
GST_ELEMENT_REGISTER_DEFINE(assrc, "assrc", GST_RANK_PRIMARY, butaca_as_src_get_type())

namespace {

void set_property(GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
    ButacaOriginSrc *self = as_origin_src(object);
    if (!set_origin_property(*self->state, id, value))
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
    else if (id == prop_block_size_bytes) // in push mode, a buffer is a block
        gst_base_src_set_blocksize(GST_BASE_SRC(self), g_value_get_uint(value));
}

void get_property(GObject *object, guint id, GValue *value, GParamSpec *spec)
{
    if (!get_origin_property(*as_origin_src(object)->state, id, value))
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
}

void finalize(GObject *object)
{
    delete as_origin_src(object)->state;
    G_OBJECT_CLASS(butaca_origin_src_parent_class)->finalize(object);
}

const gchar *const *uri_protocols(GType type)
{
    auto *klass = static_cast<ButacaOriginSrcClass *>(g_type_class_ref(type));
    const gchar *const *protocols = klass->protocols; // static storage
    g_type_class_unref(klass);
    return protocols;
}

gchar *get_uri(GstURIHandler *handler)
{
    OriginState *state = as_origin_src(handler)->state;
    std::lock_guard lock(state->mutex);
    return state->location.empty() ? nullptr : g_strdup(state->location.c_str());
}

gboolean set_uri(GstURIHandler *handler, const gchar *uri, GError **error)
{
    ButacaOriginSrc *self = as_origin_src(handler);
    const ButacaOriginSrcClass *klass = class_of(self);
    auto address = parse_location(uri, klass->protocols[0], klass->default_port);
    if (!address) {
        g_set_error(error, GST_URI_ERROR, GST_URI_ERROR_BAD_URI, "%s: %s", address.error().message.c_str(),
                    address.error().detail.c_str());
        return FALSE;
    }
    std::lock_guard lock(self->state->mutex);
    if (self->state->reader) {
        g_set_error_literal(error, GST_URI_ERROR, GST_URI_ERROR_BAD_STATE,
                            "the location cannot change while the source is running");
        return FALSE;
    }
    self->state->location = uri;
    return TRUE;
}

// The abstract type is never made by itself, so each element's class fills in all of it.
void describe(gpointer klass, const gchar *const *protocols, unsigned default_port, const char *long_name,
              const char *description)
{
    auto *origin_class = static_cast<ButacaOriginSrcClass *>(klass);
    origin_class->protocols = protocols;
    origin_class->default_port = default_port;
    gst_element_class_set_static_metadata(GST_ELEMENT_CLASS(klass), long_name, "Source/Network", description,
                                          "The Butaca authors");
}

} // namespace

static void butaca_origin_src_uri_handler_init(gpointer iface, gpointer)
{
    auto *handler = static_cast<GstURIHandlerInterface *>(iface);
    handler->get_type = [](GType) { return GST_URI_SRC; };
    handler->get_protocols = uri_protocols;
    handler->get_uri = get_uri;
    handler->set_uri = set_uri;
}

static void butaca_origin_src_init(ButacaOriginSrc *self)
{
    self->state = new OriginState;
    GstBaseSrc *base = GST_BASE_SRC(self);
    gst_base_src_set_format(base, GST_FORMAT_BYTES);
    gst_base_src_set_blocksize(base, static_cast<guint>(self->state->options.block_size_bytes));
    gst_base_src_set_dynamic_size(base, FALSE);
}

static void butaca_origin_src_class_init(ButacaOriginSrcClass *klass)
{
    GObjectClass *object_class = G_OBJECT_CLASS(klass);
    object_class->set_property = set_property;
    object_class->get_property = get_property;
    object_class->finalize = finalize;
    install_origin_properties(object_class);
    gst_element_class_add_static_pad_template(GST_ELEMENT_CLASS(klass), &src_template);

    install_reading(GST_BASE_SRC_CLASS(klass));
}

static void butaca_vs_src_init(ButacaVsSrc *) {}
static void butaca_vs_src_class_init(ButacaVsSrcClass *klass)
{
    describe(klass, vs_protocols, 8081, "Butaca video original source",
             "Reads an original film from a video server over HTTP ranges, with retries and replicas");
}

static void butaca_as_src_init(ButacaAsSrc *) {}
static void butaca_as_src_class_init(ButacaAsSrcClass *klass)
{
    describe(klass, as_protocols, 8082, "Butaca audio original source",
             "Reads an original recording from an audio server over HTTP ranges, with retries and replicas");
}
