// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/origin/caps_fields.h"

namespace butaca::origin {

const GstStructure *first(const GstCaps *caps)
{
    return caps && gst_caps_get_size(caps) > 0 ? gst_caps_get_structure(caps, 0) : nullptr;
}

std::string text(const GstStructure *structure, const char *field)
{
    const char *value = structure ? gst_structure_get_string(structure, field) : nullptr;
    return value ? value : "";
}

int number(const GstStructure *structure, const char *field, int fallback)
{
    int value = 0;
    return structure && gst_structure_get_int(structure, field, &value) ? value : fallback;
}

bool differ_for_decoders(const GstCaps *before, const GstCaps *after)
{
    static constexpr const char *fields[] = {
        "codec_data",     "width",         "height",      "profile",
        "bit-depth-luma", "chroma-format", "colorimetry", "pixel-aspect-ratio",
        "channels",       "rate"};
    const GstStructure *old_ones = first(before);
    const GstStructure *new_ones = first(after);
    for (const char *field : fields) {
        const GValue *was = old_ones ? gst_structure_get_value(old_ones, field) : nullptr;
        const GValue *is = new_ones ? gst_structure_get_value(new_ones, field) : nullptr;
        if (was && is && gst_value_compare(was, is) != GST_VALUE_EQUAL)
            return true;
    }
    return false;
}

} // namespace butaca::origin
