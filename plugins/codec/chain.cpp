// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plugins/codec/chain.h"

#include "plugins/codec/library.h"
#include "src/base/gst.h"

namespace butaca::codec {

namespace {

GstPad *add_ghost_pad(GstBin *bin, GstStaticPadTemplate &static_template)
{
    const auto pad_template = adopt(gst_static_pad_template_get(&static_template));
    GstPad *pad =
        gst_ghost_pad_new_no_target_from_template(static_template.name_template, pad_template.get());
    gst_element_add_pad(GST_ELEMENT(bin), pad);
    return pad;
}

} // namespace

Chain::Chain(GstBin *bin, GstStaticPadTemplate &sink_template, GstStaticPadTemplate &src_template)
    : bin_(bin), sink_(add_ghost_pad(bin, sink_template)), src_(add_ghost_pad(bin, src_template))
{
}

GstElement *Chain::append(const char *factory)
{
    GstElement *child = make_child(GST_ELEMENT(bin_), factory);
    if (!child)
        return nullptr;
    gst_bin_add(bin_, child);
    if (!children_.empty() && !gst_element_link(children_.back(), child))
        GST_ERROR_OBJECT(bin_, "%s does not link", factory);
    children_.push_back(child);
    return child;
}

GstElement *Chain::append_filter(const std::string &caps_text)
{
    GstElement *filter = append("capsfilter");
    if (!filter || caps_text.empty())
        return filter;
    const auto caps = adopt(gst_caps_from_string(caps_text.c_str()));
    g_object_set(filter, "caps", caps.get(), nullptr);
    return filter;
}

bool Chain::open()
{
    const auto in = adopt(gst_element_get_static_pad(children_.front(), "sink"));
    const auto out = adopt(gst_element_get_static_pad(children_.back(), "src"));
    return gst_ghost_pad_set_target(GST_GHOST_PAD(sink_), in.get()) &&
           gst_ghost_pad_set_target(GST_GHOST_PAD(src_), out.get());
}

void Chain::tear_down()
{
    gst_ghost_pad_set_target(GST_GHOST_PAD(sink_), nullptr);
    gst_ghost_pad_set_target(GST_GHOST_PAD(src_), nullptr);
    for (GstElement *child : children_) {
        gst_element_set_state(child, GST_STATE_NULL);
        gst_bin_remove(bin_, child);
    }
    children_.clear();
}

} // namespace butaca::codec
