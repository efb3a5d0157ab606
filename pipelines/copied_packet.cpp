// SPDX-License-Identifier: LGPL-2.1-or-later
// From packets of demuxers and parsers to samples of a segment.
#include "pipelines/copied_packet.h"

#include "pipelines/parameter_sets.h"
#include "pipelines/temporal_unit.h"

namespace butaca::pipelines {

namespace {

bool is(const GstCaps *caps, const char *name)
{
    return caps && gst_caps_get_size(caps) > 0 &&
           gst_structure_has_name(gst_caps_get_structure(caps, 0), name);
}

} // namespace

CopiedFormat::CopiedFormat(const std::string &known) : known_(adopt(gst_caps_from_string(known.c_str()))) {}

GstCaps *CopiedFormat::caps(GstCaps *of_packet)
{
    // Parsers give AV1's in a form of their own, or not at all, and make FLAC's up where they begin in the
    // middle.
    const char *field = is(of_packet, "video/x-av1")    ? "codec_data"
                        : is(of_packet, "audio/x-flac") ? "streamheader"
                        : is(of_packet, "video/x-h265") ? "colorimetry"
                                                        : nullptr;
    if (!field || !known_ || gst_caps_get_size(known_.get()) == 0)
        return of_packet;
    if (given_.get() == of_packet)
        return completed_.get();
    given_ = adopt(gst_caps_ref(of_packet));
    completed_ = adopt(gst_caps_copy(of_packet));
    const GValue *value = gst_structure_get_value(gst_caps_get_structure(known_.get(), 0), field);
    GstStructure *ours = gst_caps_get_structure(completed_.get(), 0);
    if (value && (!is(of_packet, "video/x-h265") || !gst_structure_has_field(ours, field)))
        gst_structure_set_value(ours, field, value);
    return completed_.get();
}

Owned<GstBuffer> bare_packet(GstBuffer *packet, GstCaps *caps)
{
    return is(caps, "video/x-av1") ? without_delimiters(packet) : without_parameter_sets(packet, caps);
}

} // namespace butaca::pipelines
