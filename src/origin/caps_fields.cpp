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

} // namespace butaca::origin
